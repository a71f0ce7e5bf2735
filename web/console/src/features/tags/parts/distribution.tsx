// How many are called what.
import type { ReactNode } from 'react';
import type { Scalar, TagDistribution, TagRule } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { valueText } from '../../../lib/labels';
import { Bars, Figure } from '../../../ui/bits';
import { tw } from '../words';

const QUARTERS = ['min', 'p25', 'p50', 'p75', 'max'] as const;

type Props = { of: TagDistribution; rule?: TagRule; onPick?: (value: string) => void; /** What may be done with the people of a value. */ extra?: (value: Scalar) => ReactNode };

export function Distribution({ of, rule, onPick, extra }: Props) {
  const w = useWords(tw);
  const lang = useLanguage();
  const numbers = QUARTERS.flatMap((at) => (of.numbers[at] === undefined ? [] : [{ at, value: of.numbers[at]! }]));
  // Figures are read by their quarters; a list of every amount says little.
  const rows = (numbers.length > 0 && of.values.length > 12 ? [] : of.values).map((one) => ({ key: String(one.value), label: valueText(one.value, rule, lang), value: one.count, extra: extra?.(one.value as Scalar) }));
  if (of.others > 0 && rows.length > 0) rows.push({ key: '\u0000others', label: w('others'), value: of.others, extra: undefined });
  return (
    <div className="stack">
      <div className="figures">
        <Figure label={w('coverage')} value={of.people > 0 ? percent(of.tagged / of.people, lang) : '–'} note={w('coverage_of', { n: number(of.tagged, lang), of: number(of.people, lang) })} />
        {numbers.map(({ at, value }) => (
          <Figure key={at} label={w(`q_${at}`)} value={number(Number(value), lang)} />
        ))}
      </div>
      {of.tagged === 0 ? <p className="dim">{w('nobody')}</p> : rows.length > 0 && <Bars rows={rows} label={w('values')} onPick={onPick && ((key) => !key.startsWith('\u0000') && onPick(key))} />}
    </div>
  );
}

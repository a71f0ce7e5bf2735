// One line of a portrait: them above, the others below, how many times as often, and a segment of it.
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { pw } from '../../portrait-words';

type BarsProps = { share: number; rest: number; top: number; text?: string; restText?: string; low?: number | null; high?: number | null };

export function PairBars({ share, rest, top, text, restText, low, high }: BarsProps) {
  const w = useWords(pw);
  const lang = useLanguage();
  const width = (value: number) => `${Math.min(100, (100 * Math.max(0, value)) / (top || 1))}%`;
  // How sure the difference is, drawn from where the others end.
  const interval = low != null && high != null ? { low, high } : null;
  const points = (value: number) => number(value * 100, lang, 1);
  return (
    <span className="pair-bars">
      <span className="track" title={interval ? w('interval', { low: points(interval.low), high: points(interval.high) }) : undefined}>
        <i style={{ width: width(share) }} />
        {interval && <i className="whisker" style={{ left: width(rest + interval.low), width: `calc(${width(rest + interval.high)} - ${width(rest + interval.low)})` }} />}
      </span>
      <b className="n"><span className="sr">{w('them')} </span>{text ?? percent(share, lang)}</b>
      <span className="track others"><i style={{ width: width(rest) }} /></span>
      <span className="n others"><span className="sr">{w('rest')} </span>{restText ?? percent(rest, lang)}</span>
    </span>
  );
}

export function Lift({ value, share, rest, name }: { value: number | null; share: number; rest: number; name: string }) {
  const w = useWords(pw);
  const lang = useLanguage();
  if (value === null || !Number.isFinite(value)) return <span className="lift">{share > 0 && rest === 0 ? <span className="small">{w('not_others')}</span> : ''}</span>;
  // Rounded to the same, there is nothing to say.
  const text = value < 0.95 ? w('times_less', { n: percent(1 - value, lang, 0) }) : value < 1.05 ? '≈' : w('times', { n: number(value, lang, value < 10 ? 1 : 0) });
  return <span className={value < 1.05 ? 'lift less' : 'lift'} title={w('times_of', { rest: name, n: number(value, lang, 2) })}>{text}</span>;
}

type RowProps = BarsProps & { label: ReactNode; note?: ReactNode; lift?: number | null; restName: string; isSmall?: boolean; isChance?: boolean; make?: { label: string; onMake: () => void } };

export function PairRow({ label, note, lift = null, restName, isSmall, isChance, make, ...bars }: RowProps) {
  const w = useWords(pw);
  return (
    <li className={isChance ? 'pair-row chance' : 'pair-row'}>
      <span className="label">
        {label}
        {note && <span className="dim small" style={{ display: 'block' }}>{note}</span>}
        {(isSmall || isChance) && <span className="dim small" style={{ display: 'block' }}>{w(isSmall ? 'small' : 'chance')}</span>}
      </span>
      <PairBars {...bars} />
      <Lift value={lift} share={bars.share} rest={bars.rest} name={restName} />
      {make ? (
        <button type="button" className="icon-button" style={{ minWidth: 24, height: 24 }} aria-label={w('make', { what: make.label })} title={w('make', { what: make.label })} onClick={make.onMake}>
          <Plus size={14} aria-hidden />
        </button>
      ) : (
        <span />
      )}
    </li>
  );
}

// Segments pair by pair: how much they share, as a bar and in numbers.
import type { Overlap, Pair } from '../../../lib/api';
import { number, percent } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useNarrow } from '../../../lib/theme';
import { type Column, Table } from '../../../ui/list';
import { seg } from '../words';
import { Letter } from './upset';

export function Pairs({ of }: { of: Overlap }) {
  const w = useWords(seg);
  const lang = useLanguage();
  // A phone has room for the letters; the names stand above.
  const narrow = useNarrow();
  const at = (id: string) => of.sizes.findIndex((one) => one.id === id);
  const named = (id: string) => (
    <span className="row" style={{ gap: 5 }}>
      <Letter at={at(id)} />
      <span className={narrow ? 'sr' : 'cut'} style={{ maxWidth: 180 }}>{of.sizes[at(id)]?.name ?? id}</span>
    </span>
  );
  const columns: Column<Pair>[] = [
    { id: 'pair', title: w('pair'), render: (pair) => <span className="row" style={{ gap: narrow ? 4 : 10 }}>{named(pair.a)}{named(pair.b)}</span> },
    { id: 'bar', title: '', width: narrow ? 70 : undefined, render: (pair) => <SplitBar of={pair} /> },
    { id: 'both', title: w('pair_both'), end: true, render: (pair) => <b>{number(pair.both, lang)}</b> },
    ...(narrow
      ? []
      : [
          { id: 'a', title: w('pair_only_a'), end: true, render: (pair: Pair) => number(pair.only_a, lang) },
          { id: 'b', title: w('pair_only_b'), end: true, render: (pair: Pair) => number(pair.only_b, lang) },
        ]),
    { id: 'jaccard', title: w('jaccard'), end: true, render: (pair) => <span title={w('jaccard_hint')}>{percent(pair.jaccard, lang)}</span> },
  ];
  return (
    <Table
      label={w('pairs')}
      cards={false}
      columns={columns}
      rows={[...of.pairs].sort((one, other) => other.jaccard - one.jaccard)}
      rowKey={(pair) => `${pair.a} ${pair.b}`}
    />
  );
}

function SplitBar({ of }: { of: Pair }) {
  const total = Math.max(1, of.both + of.only_a + of.only_b);
  const parts: [number, string][] = [[of.only_a, 'var(--c6)'], [of.both, 'var(--accent)'], [of.only_b, 'var(--c6)']];
  return (
    <span className="split-bar" aria-hidden>
      {parts.map(([value, colour], i) => value > 0 && <i key={i} style={{ width: `${(100 * value) / total}%`, background: colour, opacity: i === 1 ? 1 : 0.45 }} />)}
    </span>
  );
}

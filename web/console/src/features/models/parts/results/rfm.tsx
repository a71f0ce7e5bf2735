// RFM: the field of recency by frequency, and what each sort of people is of all and brings of all.
import { Segmented } from 'antd';
import { Fragment, useState } from 'react';
import type { Model, RfmCell, RfmResult } from '../../../../lib/api/models';
import { number, percent, short } from '../../../../lib/format';
import { type Language, useLanguage, useWords } from '../../../../lib/i18n';
import { half } from '../../../../lib/labels';
import { Figure } from '../../../../ui/bits';
import { Panel } from '../../../../ui/page';
import { SegmentOf } from '../../../../ui/segment-of';
import { common } from '../../../../ui/words';
import { figure, valueCondition } from '../../logic/says';
import { rw } from '../../result-words';
import { FeatureNotes } from './notes';

export function RfmView({ model, result }: { model: Model; result: RfmResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const amount = result.cells.reduce((sum, one) => sum + one.amount, 0);
  const best = [...result.cells].sort((a, b) => b.amount - a.amount)[0];
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('people')} value={number(result.people, lang)} />
        <Figure label={w('total_amount')} value={short(amount, lang)} />
        {best && <Figure label={half(best.label, lang)} value={percent(best.amount / (amount || 1), lang, 0)} note={w('abc_said', { people: percent(best.share, lang, 0), amount: percent(best.amount / (amount || 1), lang, 0) })} />}
      </div>
      <div className="cols">
        <Matrix result={result} />
        <Cells model={model} result={result} amount={amount} />
      </div>
      <FeatureNotes notes={result.feature_notes} />
    </div>
  );
}

/** How many days ago the best of five was, the next, …: bounds rise, and the fewest are best. */
function band(cuts: number[], score: number, lang: Language): string {
  if (cuts.length !== 4) return '';
  const at = 5 - score;
  if (at === 0) return `≤ ${figure(cuts[0]!, lang)}`;
  return at === 4 ? `> ${figure(cuts[3]!, lang)}` : `${figure(cuts[at - 1]!, lang)}–${figure(cuts[at]!, lang)}`;
}

function Matrix({ result }: { result: RfmResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const [by, setBy] = useState<'people' | 'amount'>('people');
  const top = Math.max(1, ...result.matrix.map((one) => one[by]));
  const scores = [1, 2, 3, 4, 5];
  const at = (recency: number, frequency: number) => result.matrix.find((one) => one.recency === recency && one.frequency === frequency);
  return (
    <Panel title={w('matrix')} extra={<Segmented size="small" value={by} onChange={setBy} options={[{ value: 'people', label: w('by_people') }, { value: 'amount', label: w('by_amount') }]} />}>
      <div className="stack tight">
        <div className="matrix" role="group" aria-label={w('matrix')}>
          {[...scores].reverse().map((recency) => (
            <Fragment key={recency}>
              <span><b>{recency}</b><br />{band(result.cuts.recency, recency, lang)}</span>
              {scores.map((frequency) => {
                const cell = at(recency, frequency);
                const share = (cell?.[by] ?? 0) / top;
                const said = w('matrix_cell', { r: recency, f: frequency, people: number(cell?.people ?? 0, lang), amount: number(cell?.amount ?? 0, lang) });
                return (
                  <div key={frequency} className="cell num" role="img" aria-label={said} title={said} style={{ background: `color-mix(in srgb, var(--c1) ${Math.round(4 + 44 * Math.sqrt(share))}%, transparent)` }}>
                    {cell && cell[by] > 0 ? short(cell[by], lang) : ''}
                  </div>
                );
              })}
            </Fragment>
          ))}
          <span>{w('recency')} ↑<br />{w('worth')} →</span>
          {scores.map((frequency) => <span key={frequency} className="top"><b>{frequency}</b></span>)}
        </div>
        <p className="dim small">{w('matrix_note')}</p>
      </div>
    </Panel>
  );
}

function Cells({ model, result, amount }: { model: Model; result: RfmResult; amount: number }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const c = useWords(common);
  const cells = [...result.cells].filter((one) => one.people > 0).sort((a, b) => b.amount - a.amount);
  const top = Math.max(0.001, ...cells.flatMap((one) => [one.share, one.amount / (amount || 1)]));
  return (
    <Panel title={w('cells')} extra={<ShareKeys />}>
      <ul>
        {cells.map((cell: RfmCell) => {
          const name = half(cell.label, lang);
          return (
            <li key={cell.value} className="two-bars">
              <div>
                <strong>{name}</strong>
                <div className="dim small">{c('people_count', { n: number(cell.people, lang) })} · {w('days_ago', { n: figure(cell.recency, lang) })} · {w('times', { n: figure(cell.frequency, lang) })} · {w('monetary')} {figure(cell.monetary, lang)}</div>
              </div>
              <Pair people={cell.share} amount={cell.amount / (amount || 1)} top={top} />
              <SegmentOf condition={valueCondition(model, cell.value)} name={`${model.title} · ${name}`} />
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** What the two bars of a pair are. */
export function ShareKeys() {
  const w = useWords(rw);
  return (
    <span className="row wrap" style={{ gap: '2px 12px' }}>
      <span className="key"><i style={{ background: 'var(--c3)' }} />{w('share_people')}</span>
      <span className="key"><i style={{ background: 'var(--c1)' }} />{w('share_amount')}</span>
    </span>
  );
}

/** A share of the people above the share of the money they bring. */
export function Pair({ people, amount, top }: { people: number; amount: number; top: number }) {
  const w = useWords(rw);
  const lang = useLanguage();
  return (
    <div className="pair">
      {([['share_people', people, 'var(--c3)'], ['share_amount', amount, 'var(--c1)']] as const).map(([word, share, colour]) => (
        <div key={word} style={{ display: 'contents' }}>
          <span className="bar" role="img" aria-label={`${w(word)} ${percent(share, lang)}`}><i style={{ width: `${(100 * share) / top}%`, background: colour }} /></span>
          <span className="num">{percent(share, lang)}</span>
        </div>
      ))}
    </div>
  );
}

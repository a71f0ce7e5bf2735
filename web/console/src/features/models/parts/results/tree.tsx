// What sorts of people do it: a picture of the steps, and each end of it as a sentence.
import { useRef, useState } from 'react';
import type { Importance, Model, TreeResult } from '../../../../lib/api/models';
import { number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { featureText } from '../../../../lib/labels';
import { Bars, Figure } from '../../../../ui/bits';
import { Interval } from '../../../../ui/interval';
import { Panel } from '../../../../ui/page';
import { SegmentOf } from '../../../../ui/segment-of';
import { common } from '../../../../ui/words';
import { ruleText, valueCondition } from '../../logic/says';
import { rw } from '../../result-words';
import { FeatureNotes } from './notes';
import { TreePicture } from './tree-picture';

export function TreeView({ model, result }: { model: Model; result: TreeResult }) {
  const w = useWords(rw);
  const c = useWords(common);
  const lang = useLanguage();
  const [lit, setLit] = useState<string | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const leaves = [...result.leaves].sort((a, b) => b.rate - a.rate);
  const top = Math.max(...leaves.map((one) => one.high ?? one.rate), result.rate);
  const best = leaves[0];
  const pick = (value: string) => {
    setLit(value);
    void list.current?.querySelector(`[data-leaf="${CSS.escape(value)}"]`)?.scrollIntoView({ block: 'center' });
  };
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('people')} value={number(result.people, lang)} />
        <Figure label={w('positives')} value={number(result.positives, lang)} note={`${w('base_rate')} ${percent(result.rate, lang)}`} />
        {best && <Figure label={w('best_leaf')} value={percent(best.rate, lang)} note={`${w('lift')} ${w('lift_n', { n: number(best.lift ?? 1, lang, 1) })}`} />}
      </div>
      <Panel title={w('leaves', { n: leaves.length })}>
        <p className="dim small">{w('leaves_note')}</p>
        <ol className="leaf-list" ref={list}>
          {leaves.map((leaf) => (
            <li key={leaf.value} data-leaf={leaf.value} className={lit === leaf.value ? 'lit' : undefined}>
              <span className="no" aria-hidden>{leaf.value}</span>
              <span className="who">{ruleText(leaf.rule, lang)}</span>
              <span className="interval"><Interval value={leaf.rate} low={leaf.low ?? leaf.rate} high={leaf.high ?? leaf.rate} base={result.rate} top={top} label={w('interval_said', { rate: percent(leaf.rate, lang), low: percent(leaf.low ?? leaf.rate, lang), high: percent(leaf.high ?? leaf.rate, lang), base: percent(result.rate, lang) })} /></span>
              <span className="end rate"><b className="num">{percent(leaf.rate, lang)}</b><div className="dim small">{w('lift_n', { n: number(leaf.lift ?? 1, lang, 1) })}</div></span>
              <span className="end small soft">{c('people_count', { n: number(leaf.people, lang) })}<div className="dim">{percent(leaf.share, lang)}</div></span>
              <span className="make end"><SegmentOf condition={leaf.condition ?? valueCondition(model, leaf.value)} name={`${model.title} · ${leaf.value}`} text={ruleText(leaf.rule, lang)} /></span>
            </li>
          ))}
        </ol>
      </Panel>
      {result.nodes.length > 1 && (
        <Panel title={w('tree')}>
          <p className="dim small" style={{ marginBottom: 8 }}>{w('tree_note')}</p>
          <TreePicture result={result} lit={lit} onPick={pick} />
        </Panel>
      )}
      <ImportancePanel importance={result.importance} />
      <FeatureNotes notes={result.feature_notes} />
    </div>
  );
}

export function ImportancePanel({ importance }: { importance: Importance[] }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const rows = [...importance].filter((one) => one.share > 0).sort((a, b) => b.share - a.share).slice(0, 12);
  if (rows.length === 0) return null;
  return (
    <Panel title={w('importance')}>
      <Bars label={w('importance')} say={(value) => percent(value, lang, 0)} rows={rows.map((one) => ({ key: one.feature, label: featureText(one.feature, lang), value: one.share }))} />
    </Panel>
  );
}

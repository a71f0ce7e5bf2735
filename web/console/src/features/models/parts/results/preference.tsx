// What they like: how many prefer each value, and how clearly.
import type { Model, PreferenceResult } from '../../../../lib/api/models';
import { number, percent } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { Figure } from '../../../../ui/bits';
import { Table } from '../../../../ui/list';
import { Panel } from '../../../../ui/page';
import { SegmentOf } from '../../../../ui/segment-of';
import { valueCondition } from '../../logic/says';
import { rw } from '../../result-words';
import { FeatureNotes } from './notes';

export function PreferenceView({ model, result }: { model: Model; result: PreferenceResult }) {
  const w = useWords(rw);
  const lang = useLanguage();
  const rows = [...result.values].sort((a, b) => b.people - a.people);
  const top = rows[0];
  return (
    <div className="stack loose">
      <div className="figures">
        <Figure label={w('people')} value={number(result.people, lang)} />
        {top && <Figure label={w('likes_most')} value={top.value} note={percent(top.share, lang)} />}
      </div>
      <Panel title={w('likes')} flush>
        <Table
          label={w('likes')}
          rows={rows}
          rowKey={(row) => row.value}
          columns={[
            { id: 'value', title: w('value'), render: (row) => <strong>{row.value}</strong> },
            { id: 'bar', title: w('share'), width: '40%', phone: false, render: (row) => <span className="bar" style={{ display: 'block' }} aria-hidden><i style={{ width: `${(100 * row.share) / (top?.share || 1)}%` }} /></span> },
            { id: 'share', title: '', end: true, render: (row) => percent(row.share, lang) },
            { id: 'people', title: w('people'), end: true, render: (row) => number(row.people, lang) },
            { id: 'strength', title: w('strength'), end: true, render: (row) => <span title={w('strength_hint')}>{number(row.strength, lang, 2)}</span> },
            { id: 'make', title: '', end: true, render: (row) => <SegmentOf condition={valueCondition(model, row.value)} name={`${model.title} · ${row.value}`} /> },
          ]}
        />
      </Panel>
      <FeatureNotes notes={result.feature_notes} />
    </div>
  );
}

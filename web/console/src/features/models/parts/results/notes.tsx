// What the features were: used or left out, and for how many people they are known.
import type { FeatureNote } from '../../../../lib/api/models';
import { number } from '../../../../lib/format';
import { useLanguage, useWords } from '../../../../lib/i18n';
import { featureText } from '../../../../lib/labels';
import { Table } from '../../../../ui/list';
import { rw } from '../../result-words';

const REASONS = ['unknown', 'all_missing', 'constant'] as const;

export function FeatureNotes({ notes }: { notes: FeatureNote[] }) {
  const w = useWords(rw);
  const lang = useLanguage();
  if (notes.length === 0) return null;
  const left = notes.filter((one) => one.left_out).length;
  return (
    <details>
      <summary>{left > 0 ? w('notes', { n: notes.length - left, left }) : w('notes_all', { n: notes.length })}</summary>
      <Table
        label={w('notes_all', { n: notes.length })}
        rows={notes}
        rowKey={(row, i) => `${i}${row.label}`}
        columns={[
          { id: 'label', title: w('feature'), render: (row) => featureText(row.label, lang) },
          { id: 'kind', title: w('state'), render: (row) => (row.left_out ? <span className="dim">{w(`left_${REASONS.find((one) => one === row.left_out) ?? 'other'}`)}</span> : `${w('note_used')} · ${w(`kind_${row.kind}`)}`) },
          { id: 'known', title: w('known'), end: true, render: (row) => number(row.known, lang) },
          { id: 'missing', title: w('missing'), end: true, render: (row) => number(row.missing, lang) },
        ]}
      />
    </details>
  );
}

// Bringing in a file: choose it, check which column is what, start.
import { useMutation } from '@tanstack/react-query';
import { Segmented, Select } from 'antd';
import { FileSpreadsheet } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { type ImportKind, type ImportPreview, call } from '../../../lib/api';
import { zones } from '../../../lib/format';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { useSession } from '../../../lib/session';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { Page, Panel } from '../../../ui/page';
import { likely, missing, ordered } from '../logic/needs';
import { iw } from '../words';

const KINDS: ImportKind[] = ['orders', 'people', 'events', 'things'];
const CURRENCIES = ['CNY', 'USD', 'EUR', 'HKD', 'GBP', 'JPY', 'SGD', 'TWD'];
const FORMATS: { [format: string]: string } = { delimited: 'CSV', json_lines: 'JSON Lines', workbook: 'Excel', excel: 'Excel', xlsx: 'Excel' };
type Chosen = { kind: ImportKind; fields: { [field: string]: string }; unmapped: 'keep' | 'drop'; time_zone: string; currency: string };

const nameOf = (w: ReturnType<typeof useWords<typeof iw.words>>, field: string) => (`f_${field}` in iw.words ? w(`f_${field}` as 'f_time') : field);

export default function ImportNewPage() {
  const w = useWords(iw);
  const go = useGo();
  const { workspace } = useSession();
  const picker = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [over, setOver] = useState(false);
  const [chosen, setChosen] = useState<Chosen>({ kind: 'orders', fields: {}, unmapped: 'keep', time_zone: workspace.time_zone, currency: workspace.currency });
  const set = (patch: Partial<Chosen>) => setChosen((was) => ({ ...was, ...patch }));
  const preview = useMutation({
    mutationFn: (one: File) => {
      const form = new FormData();
      form.set('file', one);
      return call('POST /imports:preview', { body: form });
    },
    onSuccess: (answer) => set({ kind: answer.kind, fields: answer.fields }),
  });
  const start = useMutation({
    mutationFn: () => {
      const { kind, fields, unmapped, time_zone, currency } = chosen;
      const form = new FormData();
      form.set('kind', kind);
      form.set('mapping', JSON.stringify({ fields: Object.fromEntries(Object.entries(fields).filter(([, column]) => column)), unmapped, time_zone, ...(kind === 'orders' ? { currency } : {}) }));
      form.set('file', file!);
      return call('POST /imports', { body: form });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['imports'] });
      go(paths.imports);
    },
  });
  const take = (one: File | undefined) => {
    if (!one) return;
    setFile(one);
    start.reset();
    preview.mutate(one);
  };
  const gaps = missing(chosen.kind, chosen.fields);
  return (
    <Page
      title={w('new')}
      back={{ to: paths.imports, label: w('title') }}
      actions={
        preview.data && (
          <Button type="primary" loading={start.isPending} disabled={gaps.length > 0} onClick={() => start.mutate()}>
            {w('start')}
          </Button>
        )
      }
    >
      <div className="stack" style={{ maxWidth: 1040 }}>
        <input ref={picker} type="file" accept=".csv,.tsv,.txt,.xlsx,.xls,.jsonl,.ndjson,.json,.gz" hidden aria-label={w('choose')} onChange={(event) => take(event.target.files?.[0])} />
        <div
          className="empty"
          style={{ borderColor: over ? 'var(--accent)' : undefined, padding: file ? 14 : undefined }}
          onDragOver={(event: DragEvent) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(event: DragEvent) => {
            event.preventDefault();
            setOver(false);
            take(event.dataTransfer.files[0]);
          }}
        >
          <FileSpreadsheet size={22} aria-hidden className="dim" />
          {file && <b className="break">{file.name}</b>}
          {file && preview.data && <span className="dim small">{w('read_as', { format: [FORMATS[preview.data.format] ?? preview.data.format, preview.data.encoding].filter(Boolean).join(' · ') })}</span>}
          <Button onClick={() => picker.current?.click()} loading={preview.isPending}>
            {w(file ? 'another' : 'choose')}
          </Button>
          {!file && <p className="small dim">{w('choose_text')}</p>}
        </div>
        {preview.error && <ProblemView error={preview.error} kept />}
        {start.error && <ProblemView error={start.error} kept />}
        {preview.data && <Mapping preview={preview.data} chosen={chosen} set={set} gaps={gaps} error={start.error} />}
      </div>
    </Page>
  );
}

function Mapping({ preview, chosen, set, gaps, error }: { preview: ImportPreview; chosen: Chosen; set: (patch: Partial<Chosen>) => void; gaps: string[][]; error: unknown }) {
  const w = useWords(iw);
  const fieldText = useFieldText();
  const { kind, fields } = chosen;
  const example = (column: string | undefined) => {
    const i = preview.columns.indexOf(column ?? '');
    return i < 0 ? '' : (preview.rows[0]?.[i] ?? '');
  };
  const [all, setAll] = useState(false);
  const known = ordered(kind, preview.known_fields[kind] ?? [], preview.fields);
  const shown = all ? known : known.filter((field) => likely(kind, field, preview.fields, fields));
  const needed = new Set(gaps.flat());
  return (
    <>
      <Panel title={w('mapping')}>
        <div className="stack">
          <Segmented value={kind} style={{ alignSelf: 'flex-start' }} onChange={(next) => set({ kind: next as ImportKind })} options={KINDS.map((one) => ({ value: one, label: w(`k_${one}`) }))} />
          <p className="soft small">{w('mapping_text')}</p>
          {gaps.length > 0 && <div className="note-box warn">{w('needed', { list: gaps.map((group) => group.slice(0, 3).map((field) => nameOf(w, field)).join(` ${w('or')} `)).join(' · ') })}</div>}
          <div className="mapping">
            {shown.map((field) => {
              const wrong = fieldText(error, `fields/${field}`);
              return (
                <div key={field} style={{ display: 'contents' }}>
                  <span>
                    {nameOf(w, field)}
                    {needed.has(field) && <span style={{ color: 'var(--bad)' }}> *</span>}
                  </span>
                  <Select
                    aria-label={nameOf(w, field)}
                    value={fields[field] ?? ''}
                    status={wrong ? 'error' : undefined}
                    showSearch={preview.columns.length > 10}
                    onChange={(column: string) => set({ fields: { ...fields, [field]: column } })}
                    options={[{ value: '', label: w('not_mapped') }, ...preview.columns.map((one) => ({ value: one, label: one }))]}
                  />
                  <span className="dim small cut">{wrong ?? (fields[field] ? `${w('example')} ${example(fields[field])}` : '')}</span>
                </div>
              );
            })}
          </div>
          {shown.length < known.length && (
            <button type="button" className="linkish" style={{ alignSelf: 'flex-start' }} onClick={() => setAll(true)}>
              {w('more_fields', { n: known.length - shown.length })}
            </button>
          )}
          <div className="row wrap top" style={{ gap: 16 }}>
            <Field label={w('rest')}>
              <Select value={chosen.unmapped} style={{ minWidth: 190 }} onChange={(unmapped: Chosen['unmapped']) => set({ unmapped })} options={(['keep', 'drop'] as const).map((one) => ({ value: one, label: w(`rest_${one}`) }))} />
            </Field>
            <Field label={w('zone')} wrong={fieldText(error, 'time_zone')}>
              <Select value={chosen.time_zone} style={{ minWidth: 190 }} showSearch onChange={(time_zone: string) => set({ time_zone })} options={zones().map((one) => ({ value: one, label: one }))} />
            </Field>
            {kind === 'orders' && (
              <Field label={w('currency')} wrong={fieldText(error, 'currency')}>
                <Select value={chosen.currency} style={{ minWidth: 110 }} onChange={(currency: string) => set({ currency })} options={[...new Set([...CURRENCIES, chosen.currency])].map((one) => ({ value: one, label: one }))} />
              </Field>
            )}
          </div>
        </div>
      </Panel>
      <Panel title={w('sample')}>
        <div className="table-wrap" tabIndex={0} role="region" aria-label={w('sample')}>
          <table className="table">
            <thead>
              <tr>
                {preview.columns.map((one, i) => (
                  <th key={i} scope="col">
                    {one}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {preview.rows.map((row, i) => (
                <tr key={i}>
                  {row.map((value, j) => (
                    <td key={j} className="cut" style={{ maxWidth: 220 }}>
                      {value}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Panel>
    </>
  );
}

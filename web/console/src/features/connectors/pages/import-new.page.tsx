// Bringing in a file: choose it, check which column is what, start.
import { useMutation } from '@tanstack/react-query';
import { Button, Segmented, Select } from 'antd';
import { FileSpreadsheet } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { type ImportKind, type ImportPreview, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { showValue } from '../../../ui/bits';
import { ProblemView } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { Page, Panel } from '../../../ui/page';
import { iw } from '../words';

const FIELDS: { [kind in ImportKind]: { name: keyof typeof iw.words; key: string; needed?: boolean }[] } = {
  orders: [
    { key: 'order_id', name: 'f_order_id', needed: true }, { key: 'user_id', name: 'f_user_id' }, { key: 'time', name: 'f_time', needed: true }, { key: 'item_id', name: 'f_item_id' }, { key: 'item_name', name: 'f_item_name' },
    { key: 'quantity', name: 'f_quantity' }, { key: 'price', name: 'f_price' }, { key: 'amount', name: 'f_amount' }, { key: 'status', name: 'f_status' },
  ],
  events: [{ key: 'event', name: 'f_event', needed: true }, { key: 'user_id', name: 'f_user_id', needed: true }, { key: 'time', name: 'f_time', needed: true }, { key: 'event_id', name: 'f_event_id' }],
  people: [{ key: 'user_id', name: 'f_user_id', needed: true }, { key: 'name', name: 'f_name' }, { key: 'email', name: 'f_email' }, { key: 'phone', name: 'f_phone' }],
  things: [{ key: 'id', name: 'f_id', needed: true }, { key: 'name', name: 'f_name' }, { key: 'category', name: 'f_category' }, { key: 'price', name: 'f_price' }],
};

export default function ImportNewPage() {
  const w = useWords(iw);
  const go = useGo();
  const picker = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(null);
  const [kind, setKind] = useState<ImportKind>('orders');
  const [mapping, setMapping] = useState<{ [field: string]: string }>({});
  const [over, setOver] = useState(false);
  const preview = useMutation({
    mutationFn: (chosen: { file: File; kind: ImportKind }) => {
      const form = new FormData();
      form.set('kind', chosen.kind);
      form.set('file', chosen.file);
      return call('POST /imports:preview', { body: form });
    },
    onSuccess: (answer) => setMapping(answer.suggested ?? answer.mapping ?? answer.suggested_mapping ?? {}),
  });
  const start = useMutation({
    mutationFn: () => {
      const form = new FormData();
      form.set('kind', kind);
      form.set('mapping', JSON.stringify(Object.fromEntries(FIELDS[kind].flatMap(({ key }) => (mapping[key] ? [[key, mapping[key]]] : [])))));
      form.set('file', file!);
      return call('POST /imports', { body: form });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['imports'] });
      go(paths.imports);
    },
  });
  const take = (chosen: File | undefined) => {
    if (!chosen) return;
    setFile(chosen);
    preview.mutate({ file: chosen, kind });
  };
  const missing = FIELDS[kind].filter((field) => field.needed && !mapping[field.key]).map((field) => w(field.name));
  return (
    <Page
      title={w('new')}
      back={{ to: paths.imports, label: w('title') }}
      actions={
        preview.data && (
          <Button type="primary" loading={start.isPending} disabled={missing.length > 0} onClick={() => start.mutate()}>
            {w('start')}
          </Button>
        )
      }
    >
      <div className="stack" style={{ maxWidth: 1040 }}>
        <Segmented
          value={kind}
          style={{ alignSelf: 'flex-start' }}
          onChange={(next) => {
            setKind(next as ImportKind);
            if (file) preview.mutate({ file, kind: next as ImportKind });
          }}
          options={(Object.keys(FIELDS) as ImportKind[]).map((one) => ({ value: one, label: w(`k_${one}`) }))}
        />
        <input ref={picker} type="file" accept=".csv,.tsv,.txt,.xlsx" hidden onChange={(event) => take(event.target.files?.[0])} />
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
          <Button onClick={() => picker.current?.click()} loading={preview.isPending}>
            {w(file ? 'another' : 'choose')}
          </Button>
          {!file && <p className="small dim">{w('choose_text')}</p>}
        </div>
        {preview.error && <ProblemView error={preview.error} kept />}
        {start.error && <ProblemView error={start.error} kept />}
        {preview.data && <Mapping kind={kind} preview={preview.data} mapping={mapping} onChange={setMapping} missing={missing} />}
      </div>
    </Page>
  );
}

function Mapping({ kind, preview, mapping, onChange, missing }: { kind: ImportKind; preview: ImportPreview; mapping: { [field: string]: string }; onChange: (mapping: { [field: string]: string }) => void; missing: string[] }) {
  const w = useWords(iw);
  const example = (column: string | undefined) => {
    const i = preview.columns.indexOf(column ?? '');
    return i < 0 ? '' : showValue(preview.rows[0]?.[i]);
  };
  return (
    <>
      <Panel title={w('mapping')}>
        <p className="soft small" style={{ marginBottom: 10 }}>{w('mapping_text')}</p>
        {missing.length > 0 && <div className="note-box warn" style={{ marginBottom: 10 }}>{w('needed', { list: missing.join(' · ') })}</div>}
        <div style={{ display: 'grid', gridTemplateColumns: 'minmax(90px,auto) minmax(140px,260px) minmax(0,1fr)', gap: '8px 14px', alignItems: 'center' }}>
          {FIELDS[kind].map((field) => (
            <div key={field.key} style={{ display: 'contents' }}>
              <span>
                {w(field.name)}
                {field.needed && <span style={{ color: 'var(--bad)' }}> *</span>}
              </span>
              <Select aria-label={w(field.name)} value={mapping[field.key] ?? ''} onChange={(column: string) => onChange({ ...mapping, [field.key]: column })} options={[{ value: '', label: w('not_mapped') }, ...preview.columns.map((one) => ({ value: one, label: one }))]} />
              <span className="dim small cut">{mapping[field.key] ? `${w('example')} ${example(mapping[field.key])}` : ''}</span>
            </div>
          ))}
        </div>
      </Panel>
      <Panel title={w('sample')}>
        <div className="table-wrap" tabIndex={0} role="region" aria-label={w('sample')}>
          <table className="table">
            <thead>
              <tr>
                {preview.columns.map((one) => (
                  <th key={one} scope="col">
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
                      {showValue(value)}
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

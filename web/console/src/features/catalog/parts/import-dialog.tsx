// A CSV of things: which column is what, what comes of it, and which lines were refused.
import { useMutation } from '@tanstack/react-query';
import { Checkbox, Input, Modal, Progress, Select } from 'antd';
import { Download, FileText } from 'lucide-react';
import { type DragEvent, useRef, useState } from 'react';
import { Problem, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { textOf } from '../../../lib/sheet';
import { Figure } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { saveCsv } from '../../../ui/csv';
import { ProblemView, useProblemText } from '../../../ui/feedback';
import { Table } from '../../../ui/list';
import { common } from '../../../ui/words';
import { type Column, type Outcome, type Role, type ThingSheet, hasId, readThings, sendThings, thingOf } from '../logic/import';
import { refreshCatalog } from '../logic/queries';
import { showAttribute } from '../logic/things';
import { cw } from '../words';

const LIMIT = 50 * 1024 * 1024;
const SHOWN = 3;
const MOST_REFUSED = 50;

export function ImportDialog({ type, title, onClose }: { type: string; title: string; onClose: () => void }) {
  const w = useWords(cw);
  const c = useWords(common);
  const lang = useLanguage();
  const [file, setFile] = useState('');
  const [sheet, setSheet] = useState<ThingSheet | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [replace, setReplace] = useState(false);
  const [done, setDone] = useState(0);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const take = async (one: File | undefined) => {
    if (!one) return;
    const head = new Uint8Array(await one.slice(0, 2).arrayBuffer());
    if (one.size > LIMIT) return setFault(w('file_too_large'));
    if ((head[0] === 0x50 && head[1] === 0x4b) || (head[0] === 0xd0 && head[1] === 0xcf)) return setFault(w('file_workbook'));
    const read = readThings(await textOf(one));
    setFault(read.rows.length === 0 ? w('file_empty') : null);
    setFile(one.name);
    setSheet(read.rows.length === 0 ? null : read);
  };
  const send = useMutation({
    mutationFn: () =>
      sendThings(sheet!, (things) => call('POST /catalog/{type}:import', { path: { type }, body: { things, replace } }), (sent, so_far) => {
        setDone(sent);
        setOutcome(so_far);
      }),
    onSettled: refreshCatalog,
  });
  const rows = sheet?.rows.length ?? 0;
  const isDone = send.isSuccess;
  return (
    <Modal open title={title} onCancel={onClose} footer={null} width={760} maskClosable={false}>
      <div className="stack">
        {!isDone && !send.isPending && <Chooser file={file && sheet ? w('file_rows', { name: file, n: number(rows, lang) }) : ''} onTake={(one) => void take(one)} />}
        {fault && <div className="note-box warn" role="alert">{fault}</div>}
        {sheet && !isDone && !send.isPending && (
          <>
            <Mapping columns={sheet.columns} onChange={(columns) => setSheet({ ...sheet, columns })} />
            <Preview sheet={sheet} />
            <Checkbox checked={replace} onChange={(event) => setReplace(event.target.checked)}>{w('replace')}</Checkbox>
          </>
        )}
        {send.isPending && (
          <div role="status">
            <p>{w('import_on', { done: number(done, lang), n: number(rows, lang) })}</p>
            <Progress percent={Math.round((100 * done) / Math.max(1, rows))} showInfo={false} />
          </div>
        )}
        {outcome && !send.isPending && sheet && <Result outcome={outcome} sheet={sheet} name={file} />}
        {send.error && <ProblemView error={send.error} retry={() => send.mutate()} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{isDone ? c('close') : c('cancel')}</Button>
          {!isDone && <Button type="primary" disabled={!sheet || !hasId(sheet.columns)} loading={send.isPending} onClick={() => send.mutate()}>{w('import_go', { n: number(rows, lang) })}</Button>}
        </div>
      </div>
    </Modal>
  );
}

function Chooser({ file, onTake }: { file: string; onTake: (file: File | undefined) => void }) {
  const w = useWords(cw);
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onTake(event.dataTransfer.files[0]);
  };
  return (
    <div className={over ? 'note-box' : 'note-box plain'} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <span className="row wrap">
        <FileText size={16} aria-hidden />
        <span>{file || w('file_drop')}</span>
        <Button size="small" onClick={() => picker.current?.click()}>{w(file ? 'file_other' : 'file_choose')}</Button>
      </span>
      <input ref={picker} type="file" accept=".csv,.tsv,.txt,text/csv" className="sr" tabIndex={-1} aria-label={w('file_choose')} onChange={(event) => { onTake(event.target.files?.[0]); event.target.value = ''; }} />
    </div>
  );
}

function Mapping({ columns, onChange }: { columns: Column[]; onChange: (columns: Column[]) => void }) {
  const w = useWords(cw);
  const roles: Role[] = ['id', 'name', 'attribute', 'skip'];
  // One column is the id and one the name: who takes it, takes it from another.
  const take = (at: number, role: Role) => onChange(columns.map((one, i) => (i === at ? { ...one, role } : one.role === role && (role === 'id' || role === 'name') ? { ...one, role: 'attribute' as const } : one)));
  const rename = (at: number, attribute: string) => onChange(columns.map((one, i) => (i === at ? { ...one, attribute } : one)));
  return (
    <>
      {!hasId(columns) && <div className="note-box warn" role="alert">{w('map_needs_id')}</div>}
      <Table
        label={w('map_column')}
        rows={columns.map((column, at) => ({ column, at }))}
        rowKey={({ at }) => String(at)}
        columns={[
          { id: 'column', title: w('map_column'), render: ({ column, at }) => column.heading || `${w('map_column')} ${at + 1}` },
          { id: 'example', title: w('map_example'), render: ({ column }) => <span className="dim cut" style={{ display: 'inline-block', maxWidth: 180 }}>{column.example || '–'}</span> },
          {
            id: 'as',
            title: w('map_to'),
            render: ({ column, at }) => (
              <span className="row wrap">
                <Select aria-label={`${w('map_to')} · ${column.heading || at + 1}`} value={column.role} style={{ minWidth: 100 }} onChange={(role: Role) => take(at, role)} options={roles.map((value) => ({ value, label: w(`map_${value}`) }))} />
                {column.role === 'attribute' && <Input aria-label={w('map_attribute_name', { column: column.heading || String(at + 1) })} value={column.attribute} maxLength={100} style={{ width: 150 }} status={column.attribute.trim() ? undefined : 'error'} onChange={(event) => rename(at, event.target.value)} />}
              </span>
            ),
          },
        ]}
      />
    </>
  );
}

function Preview({ sheet }: { sheet: ThingSheet }) {
  const w = useWords(cw);
  const things = sheet.rows.slice(0, SHOWN).map((row) => thingOf(row, sheet.columns));
  return (
    <div className="stack tight">
      <h3 className="small soft">{w('preview')} · {w('preview_first', { n: things.length })}</h3>
      <Table
        label={w('preview')}
        rows={things}
        rowKey={(_, i) => String(i)}
        columns={[
          { id: 'id', title: w('id'), render: (row) => <code>{row.id || '–'}</code> },
          { id: 'name', title: w('name'), render: (row) => row.name ?? <span className="dim">–</span> },
          { id: 'attributes', title: w('attributes'), render: (row) => <span className="soft small">{Object.entries(row.attributes ?? {}).map(([name, value]) => `${name} ${showAttribute(value)}`).join(' · ') || '–'}</span> },
        ]}
      />
    </div>
  );
}

function Result({ outcome, sheet, name }: { outcome: Outcome; sheet: ThingSheet; name: string }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const say = useProblemText();
  const why = (one: Outcome['refused'][number]) => say(new Problem(one.code, 400, one.detail));
  const save = () => saveCsv(`${name.replace(/\.\w+$/, '')}-refused`, [[...sheet.columns.map((one) => one.heading), w('refused_why')], ...outcome.refused.map((one) => [...sheet.columns.map((_, i) => one.row[i] ?? ''), why(one)])]);
  return (
    <div className="stack" role="status" aria-label={w('import_done')}>
      <div className="figures">
        {(['created', 'changed', 'unchanged'] as const).map((key) => <Figure key={key} label={w(`r_${key}`)} value={number(outcome[key], lang)} />)}
        <Figure label={w('r_refused')} value={number(outcome.refused.length, lang)} />
      </div>
      {outcome.refused.length > 0 && (
        <>
          <div><Button icon={<Download size={14} />} onClick={save}>{w('refused_save')}</Button></div>
          <Table
            label={w('r_refused')}
            rows={outcome.refused.slice(0, MOST_REFUSED)}
            rowKey={(row) => String(row.line)}
            columns={[
              { id: 'line', title: w('refused_line'), render: (row) => number(row.line, lang) },
              { id: 'id', title: w('id'), render: (row) => <code>{row.id || '–'}</code> },
              { id: 'why', title: w('refused_why'), render: (row) => why(row) },
            ]}
          />
        </>
      )}
    </div>
  );
}

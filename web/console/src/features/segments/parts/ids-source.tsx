// Ids from a file or pasted: which column, which kind of identifier, how many there are.
import { useQuery } from '@tanstack/react-query';
import { Input, Select } from 'antd';
import { FileText } from 'lucide-react';
import { type DragEvent, useMemo, useRef, useState } from 'react';
import { call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { textOf } from '../../../lib/sheet';
import { identifierLabel } from '../../../lib/vocabulary';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { type Sheet, idsOf, likelyColumn, likelyType, readSheet } from '../logic/ids';
import { seg } from '../words';

export type ChosenIds = { ids: string[]; idType: string };
/** Those that every workspace knows, for whoever may not read the rules. */
const USUAL = ['user_id', 'phone', 'email', 'member_id', 'wechat_openid', 'wechat_unionid', 'anonymous_id'];
const LIMIT = 50 * 1024 * 1024;

/** The chosen column, while there is one; else the likely one. */
const columnAt = (sheet: Sheet, chosen?: number) => (chosen !== undefined && chosen < sheet.columns.length ? chosen : likelyColumn(sheet));

export function IdsSource({ onChange }: { onChange: (chosen: ChosenIds | null) => void }) {
  const w = useWords(seg);
  const lang = useLanguage();
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [picked, setPicked] = useState<{ column?: number; type?: string }>({});
  const rules = useQuery({ queryKey: ['identity', 'rules'], staleTime: 60_000, retry: false, queryFn: () => call('GET /identity/rules') });
  const types = useMemo(() => rules.data?.types.map((one) => one.name) ?? USUAL, [rules.data]);
  const sheet = useMemo(() => readSheet(text), [text]);

  const column = columnAt(sheet, picked.column);
  const about = sheet.columns[column];
  const type = picked.type ?? (about && likelyType(about.examples, about.name, types)) ?? types[0] ?? 'user_id';
  const found = useMemo(() => idsOf(sheet, column), [sheet, column]);

  /** Tells the outside in the same step, so that nothing is sent that is not shown. */
  const tell = (nextText: string, next: { column?: number; type?: string }) => {
    const nextSheet = nextText === text ? sheet : readSheet(nextText);
    const at = columnAt(nextSheet, next.column);
    const head = nextSheet.columns[at];
    const { ids } = idsOf(nextSheet, at);
    onChange(ids.length > 0 ? { ids, idType: next.type ?? (head && likelyType(head.examples, head.name, types)) ?? types[0] ?? 'user_id' } : null);
  };
  const setAll = (nextText: string, next: { column?: number; type?: string }) => {
    setText(nextText);
    setPicked(next);
    tell(nextText, next);
  };
  const take = async (one: File | undefined) => {
    if (!one) return;
    setFault(null);
    const head = new Uint8Array(await one.slice(0, 4).arrayBuffer());
    if (one.size > LIMIT) return setFault(w('file_too_large'));
    if ((head[0] === 0x50 && head[1] === 0x4b) || (head[0] === 0xd0 && head[1] === 0xcf)) return setFault(w('file_workbook'));
    const read = await textOf(one);
    setFile(one.name);
    setAll(read, {});
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const nameOf = (i: number) => sheet.columns[i]!.name || w('column_n', { n: i + 1 });

  return (
    <div className="stack">
      <div
        className={['drop', over ? 'over' : '', file ? 'full' : ''].join(' ').trim()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileText size={18} aria-hidden className="dim svg" />
        {file ? <b className="break">{file}</b> : <span className="soft">{w('drop_here')}</span>}
        <Button size="small" onClick={() => picker.current?.click()}>{w(file ? 'other_file' : 'choose_file')}</Button>
        <input
          ref={picker}
          type="file"
          accept=".csv,.txt,.tsv,text/csv,text/plain"
          aria-label={w('choose_file')}
          hidden
          onChange={(event) => {
            void take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
        {!file && <div className="dim small" style={{ flexBasis: '100%' }}>{w('file_hint')}</div>}
      </div>
      {fault && <div className="note-box warn" role="alert">{fault}</div>}
      {!file && (
        <Field label={w('or_paste')}>
          <Input.TextArea value={text} autoSize={{ minRows: 3, maxRows: 8 }} onChange={(event) => setAll(event.target.value, { type: picked.type })} />
        </Field>
      )}
      {found.ids.length > 0 && (
        <>
          <div className="field-grid">
            {sheet.columns.length > 1 && (
              <Field label={w('column')} help={about?.examples.join(lang === 'zh' ? '、' : ', ')}>
                <Select aria-label={w('column')} value={column} style={{ width: '100%' }} onChange={(next: number) => setAll(text, { column: next })} options={sheet.columns.map((_, i) => ({ value: i, label: nameOf(i) }))} />
              </Field>
            )}
            <Field label={w('id_type')}>
              <Select aria-label={w('id_type')} value={type} style={{ width: '100%' }} showSearch={{ optionFilterProp: 'label' }} onChange={(next: string) => setAll(text, { column, type: next })} options={types.map((one) => ({ value: one, label: identifierLabel(one, lang) }))} />
            </Field>
          </div>
          <p role="status">
            <b>{w('ids_found', { n: number(found.ids.length, lang) })}</b>
            {found.blank + found.doubles > 0 && <span className="dim"> · {w('ids_dropped', { blank: number(found.blank, lang), doubles: number(found.doubles, lang) })}</span>}
          </p>
        </>
      )}
    </div>
  );
}

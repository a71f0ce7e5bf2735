// Saying what a thing is: its name, and attributes line by line.
import { useMutation } from '@tanstack/react-query';
import { Input, Modal } from 'antd';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type Thing, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { common } from '../../../ui/words';
import { refreshCatalog } from '../logic/queries';
import { type Row, attributesOf, rowsOf } from '../logic/things';
import { cw } from '../words';

type Props = { type: string; title: string; /** The one that is changed; a new one without. */ thing?: Thing; onClose: () => void; onDone: (id: string) => void };

export function ThingForm({ type, title, thing, onClose, onDone }: Props) {
  const w = useWords(cw);
  const c = useWords(common);
  const toast = useToast();
  const fieldText = useFieldText();
  const [id, setId] = useState(thing?.id ?? '');
  const [name, setName] = useState(thing?.name ?? '');
  const [rows, setRows] = useState<Row[]>(() => (thing ? rowsOf(thing.attributes) : [{ name: '', text: '' }]));
  const change = (at: number, patch: Partial<Row>) => setRows(rows.map((one, i) => (i === at ? { ...one, ...patch } : one)));
  const save = useMutation({
    mutationFn: () => call('PUT /catalog/{type}/{id}', { path: { type, id: id.trim() }, body: { name: name.trim(), attributes: attributesOf(rows, thing?.attributes ?? {}) } }),
    onSuccess: (made) => {
      refreshCatalog();
      toast.done(w('saved'));
      onDone(made.id);
    },
  });
  return (
    <Modal open title={title} onCancel={onClose} footer={null} width={620}>
      <div className="stack">
        <div className="cols">
          <Field label={w('id')} wrong={fieldText(save.error, 'id')}>
            <Input value={id} maxLength={200} disabled={!!thing} onChange={(event) => setId(event.target.value)} />
          </Field>
          <Field label={w('name')} wrong={fieldText(save.error, 'name')}>
            <Input value={name} maxLength={300} onChange={(event) => setName(event.target.value)} />
          </Field>
        </div>
        <div className="field">
          <span className="label">{w('attributes')}</span>
          <div className="stack tight">
            {rows.map((row, at) => (
              <div key={at} className="row top">
                <Input aria-label={`${w('attribute')} ${at + 1}`} placeholder={w('attribute')} value={row.name} maxLength={100} style={{ width: '38%' }} status={fieldText(save.error, `attributes.${row.name.trim()}`) ? 'error' : undefined} onChange={(event) => change(at, { name: event.target.value })} />
                <Input aria-label={`${w('value')} ${at + 1}`} placeholder={w('value')} value={row.text} maxLength={2000} onChange={(event) => change(at, { text: event.target.value })} />
                <Button type="text" aria-label={w('remove_attribute', { name: row.name })} icon={<Trash2 size={14} />} onClick={() => setRows(rows.filter((_, i) => i !== at))} />
              </div>
            ))}
          </div>
          <div className="help">{w('value_hint')}</div>
        </div>
        <div><Button icon={<Plus size={14} />} disabled={rows.length >= 100} onClick={() => setRows([...rows, { name: '', text: '' }])}>{w('add_attribute')}</Button></div>
        {save.error && <ProblemView error={save.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={!id.trim()} loading={save.isPending} onClick={() => save.mutate()}>{c('save')}</Button>
        </div>
      </div>
    </Modal>
  );
}

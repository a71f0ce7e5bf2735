// How events name things of a type.
import { useMutation } from '@tanstack/react-query';
import { Input, Modal, Select, Switch } from 'antd';
import { useState } from 'react';
import { type ThingType, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { common } from '../../../ui/words';
import { refreshCatalog } from '../logic/queries';
import { typeTitle } from '../logic/things';
import { cw } from '../words';

export function TypeSettings({ type, onClose }: { type: ThingType; onClose: () => void }) {
  const w = useWords(cw);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const fieldText = useFieldText();
  const [form, setForm] = useState(type.settings);
  const save = useMutation({
    mutationFn: () => call('PUT /catalog/types/{type}', { path: { type: type.type }, body: form }),
    onSuccess: () => {
      refreshCatalog();
      toast.done(w('saved'));
      onClose();
    },
  });
  return (
    <Modal open title={`${w('settings')} · ${typeTitle(type, lang)}`} onCancel={onClose} footer={null} width={520}>
      <div className="stack">
        <Field label={w('set_title')} wrong={fieldText(save.error, 'title')}>
          <Input value={form.title ?? ''} maxLength={100} placeholder={typeTitle(type.type, lang)} onChange={(event) => setForm({ ...form, title: event.target.value })} />
        </Field>
        {(['ids', 'lists', 'amounts'] as const).map((key) => (
          <Field key={key} label={w(`set_${key}`)} help={w(`set_${key}_hint`)} wrong={fieldText(save.error, key)}>
            <Select mode="tags" aria-label={w(`set_${key}`)} value={form[key] ?? []} tokenSeparators={[',', '，', ' ']} open={false} suffixIcon={null} style={{ width: '100%' }} onChange={(next: string[]) => setForm({ ...form, [key]: next })} />
          </Field>
        ))}
        <Field label={w('set_told')} help={w('set_told_hint')}>
          <Switch checked={form.is_told_by_events ?? true} onChange={(on) => setForm({ ...form, is_told_by_events: on })} />
        </Field>
        <p className="dim small">{w('set_later')}</p>
        {save.error && <ProblemView error={save.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" loading={save.isPending} onClick={() => save.mutate()}>{c('save')}</Button>
        </div>
      </div>
    </Modal>
  );
}

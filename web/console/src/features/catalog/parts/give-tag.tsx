// Giving a thing a tag by hand.
import { useMutation } from '@tanstack/react-query';
import { Modal, Select } from 'antd';
import { useState } from 'react';
import { type ThingTag, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ProblemView, useToast } from '../../../ui/feedback';
import { common } from '../../../ui/words';
import { refreshCatalog } from '../logic/queries';
import { valueText } from '../logic/things';
import { cw } from '../words';

export function GiveTag({ thing, tags, onClose }: { thing: string; tags: ThingTag[]; onClose: () => void }) {
  const w = useWords(cw);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const [id, setId] = useState(tags.length === 1 ? tags[0]!.id : '');
  const [value, setValue] = useState('');
  const tag = tags.find((one) => one.id === id);
  const give = useMutation({
    mutationFn: () => call('POST /catalog/tags/{id}:assign', { path: { id }, body: { things: [thing], value } }),
    onSuccess: () => {
      toast.done(w('given'));
      refreshCatalog();
      onClose();
    },
  });
  return (
    <Modal open title={w('give')} onCancel={onClose} footer={null} width={420}>
      <div className="stack">
        <Field label={w('tags')}>
          <Select value={id || undefined} options={tags.map((one) => ({ value: one.id, label: half(one.title, lang) }))} onChange={(next: string) => { setId(next); setValue(''); }} />
        </Field>
        <Field label={w('value')}>
          <Select value={value || undefined} disabled={!tag} options={(tag?.rule.assigned ?? []).map((one) => ({ value: one.value, label: valueText(one.value, tag?.rule, lang) }))} onChange={setValue} />
        </Field>
        {give.error && <ProblemView error={give.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={!id || !value} loading={give.isPending} onClick={() => give.mutate()}>{w('give')}</Button>
        </div>
      </div>
    </Modal>
  );
}

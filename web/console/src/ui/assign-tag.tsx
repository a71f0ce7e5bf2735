// Giving a tag by hand: from a person's page the tag is chosen, from a tag's page the person.
import { useMutation } from '@tanstack/react-query';
import { AutoComplete, InputNumber, Modal, Select } from 'antd';
import { useState } from 'react';
import type { Tag } from '../lib/api';
import { assignTag } from '../lib/assign';
import { defineWords, useLanguage, useWords } from '../lib/i18n';
import { half, valueText } from '../lib/labels';
import { searchPeople } from '../lib/people';
import { Field } from './bits';
import { Button } from './button';
import { ProblemView, useFieldText, useToast } from './feedback';
import { PersonPicker } from './person-picker';
import { common } from './words';

const aw = defineWords('assign', {
  title: ['打标签', 'Give a tag'],
  tag: ['标签', 'Tag'],
  person: ['用户', 'Person'],
  value: ['取值', 'Value'],
  days: ['有效天数', 'Holds for'],
  forever: ['一直有效', 'For good'],
  days_unit: ['天', 'days'],
  go: ['打上', 'Give'],
  done: ['已打上标签', 'Tag given'],
});

type Props = { tags: Tag[]; /** Whom it is given to, when that is settled. */ person?: string; onClose: () => void };

export function AssignTag({ tags, person: settled, onClose }: Props) {
  const w = useWords(aw);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const fieldText = useFieldText();
  const [id, setId] = useState(tags.length === 1 ? tags[0]!.id : '');
  const [person, setPerson] = useState(settled ?? '');
  const [value, setValue] = useState('');
  const [days, setDays] = useState<number | null>(null);
  const tag = tags.find((one) => one.id === id);
  const named = tag?.rule.assigned?.values ?? null;
  const give = useMutation({
    mutationFn: () => assignTag(id, { people: [person], value: value.trim(), days }),
    onSuccess: () => {
      toast.done(w('done'));
      onClose();
    },
  });
  return (
    <Modal open title={tags.length === 1 ? `${w('title')} · ${tags[0]!.title}` : w('title')} onCancel={onClose} footer={null} width={440}>
      <div className="stack">
        {!settled && (
          <div className="field">
            <span className="label">{w('person')}</span>
            <PersonPicker label={w('person')} value={person} search={searchPeople} onChange={setPerson} />
          </div>
        )}
        {tags.length > 1 && (
          <Field label={w('tag')}>
            <Select value={id || undefined} showSearch={{ optionFilterProp: 'label' }} options={tags.map((one) => ({ value: one.id, label: half(one.title, lang) }))} onChange={(next: string) => { setId(next); setValue(''); }} />
          </Field>
        )}
        {tag && (
          <Field label={w('value')} wrong={fieldText(give.error, 'value')}>
            {named ? (
              <Select value={value || undefined} onChange={setValue} options={named.map((one) => ({ value: one.value, label: valueText(one.value, tag.rule, lang) }))} />
            ) : (
              <AutoComplete value={value} onChange={setValue} style={{ width: '100%' }} />
            )}
          </Field>
        )}
        <Field label={w('days')}>
          <InputNumber min={1} max={3650} precision={0} placeholder={w('forever')} suffix={w('days_unit')} value={days} onChange={setDays} style={{ width: '100%' }} />
        </Field>
        {give.error && <ProblemView error={give.error} kept />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{c('cancel')}</Button>
          <Button type="primary" disabled={!tag || !person || !value.trim()} loading={give.isPending} onClick={() => give.mutate()}>{w('go')}</Button>
        </div>
      </div>
    </Modal>
  );
}

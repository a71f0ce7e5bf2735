// A condition that a picture speaks of becomes a segment: its sentence, how many it is right now, a name.
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import { type Condition, call } from '../lib/api';
import { number } from '../lib/format';
import { useLanguage, useWords } from '../lib/i18n';
import { paths } from '../lib/paths';
import { queries } from '../lib/query';
import { countCondition, useFacts } from '../lib/use-facts';
import { Field } from './bits';
import { Button } from './button';
import { namesOf, rooted, sentence } from './condition-builder';
import { ProblemView, useFieldText } from './feedback';
import { useGo } from './go';
import { common } from './words';

/** `name` is what it will be called unless somebody says otherwise, `text` who they are where that reads better than the condition. */
export type Making = { name: string; condition: Condition; text?: string; /** Out of whom it may be made; the first is meant. */ reaches?: { label: string; condition: Condition }[] };

export function MakeSegment({ of, onClose }: { of: Making | null; onClose: () => void }) {
  const w = useWords(common);
  return (
    <Modal open={of !== null} title={w('segment_make')} onCancel={onClose} footer={null} width={560} destroyOnHidden>
      {of && <Form key={JSON.stringify(of.condition)} of={of} onClose={onClose} />}
    </Modal>
  );
}

function Form({ of, onClose }: { of: Making; onClose: () => void }) {
  const w = useWords(common);
  const lang = useLanguage();
  const facts = useFacts();
  const fieldText = useFieldText();
  const go = useGo();
  const [name, setName] = useState(of.name.slice(0, 100));
  const [reach, setReach] = useState(0);
  const condition = rooted(of.reaches?.[reach]?.condition ?? of.condition);
  const create = useMutation({
    mutationFn: () => call('POST /segments', { body: { name: name.trim(), condition } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['segments'] }),
  });
  const names = namesOf(facts);
  if (create.data) {
    return (
      <div className="stack">
        <div className="note-box good" role="status">
          <strong>{w('segment_made')}</strong> · {create.data.name}
        </div>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{w('segment_stay')}</Button>
          <Button type="primary" autoFocus onClick={() => go(paths.segment(create.data.id))}>{w('segment_open')}</Button>
        </div>
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && !create.isPending) create.mutate();
      }}
    >
      <Field label={w('segment_name')} wrong={name.trim() ? fieldText(create.error, 'name') : w('segment_name_needed')}>
        <Input value={name} maxLength={100} autoFocus onChange={(event) => setName(event.target.value)} />
      </Field>
      {of.reaches && (
        <fieldset className="plain field">
          <legend className="label" style={{ fontSize: 12, fontWeight: 500, color: 'var(--ink-2)', marginBottom: 4 }}>{w('segment_reach')}</legend>
          <Radio.Group vertical value={reach} onChange={(event) => setReach(event.target.value as number)} options={of.reaches.map(({ label }, value) => ({ value, label }))} />
        </fieldset>
      )}
      <p className="cb-read">{of.text ?? sentence(condition, lang, names)}</p>
      <LiveCount condition={condition} />
      {create.error && <ProblemView error={create.error} kept />}
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{w('cancel')}</Button>
        <Button type="primary" htmlType="submit" disabled={!name.trim()} loading={create.isPending}>
          {w('segment_create')}
        </Button>
      </div>
    </form>
  );
}

/** How many satisfy it now. */
function LiveCount({ condition }: { condition: Condition }) {
  const w = useWords(common);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['segments', 'count', JSON.stringify(condition)], queryFn: ({ signal }) => countCondition(condition, signal, true), placeholderData: keepPreviousData });
  if (asked.error) return <ProblemView error={asked.error} retry={() => void asked.refetch()} />;
  return (
    <p aria-live="polite" style={{ opacity: asked.isPlaceholderData ? 0.55 : 1 }}>
      <span className="soft">{w('now')}</span> <b style={{ fontSize: 20 }} data-testid="live-count">{asked.data ? w('people_count', { n: `${asked.data.estimate ? '≈ ' : ''}${number(asked.data.count, lang)}` }) : '–'}</b>
    </p>
  );
}

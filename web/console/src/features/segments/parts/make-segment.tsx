// A condition found in a picture becomes a segment: its sentence, how many it is right now, a name.
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { Input, Modal, Radio } from 'antd';
import { useState } from 'react';
import type { Condition } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { queries } from '../../../lib/query';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { rooted, sentence } from '../../../ui/condition-builder';
import { ProblemView, useFieldText } from '../../../ui/feedback';
import { useGo } from '../../../ui/go';
import { common } from '../../../ui/words';
import { makeRule } from '../logic/api';
import { type Reach, within } from '../logic/portrait-condition';
import { seg } from '../words';

export type Making = { name: string; condition: Condition; segment?: { id: string; name: string } };
const REACHES: Reach[] = ['everybody', 'inside', 'outside'];

export function MakeSegment({ of, onClose }: { of: Making | null; onClose: () => void }) {
  const w = useWords(seg);
  return (
    <Modal open={of !== null} title={w('make_title')} onCancel={onClose} footer={null} width={560} destroyOnHidden>
      {of && <Form key={JSON.stringify(of.condition)} of={of} onClose={onClose} />}
    </Modal>
  );
}

function Form({ of, onClose }: { of: Making; onClose: () => void }) {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const facts = useFacts();
  const fieldText = useFieldText();
  const go = useGo();
  const [name, setName] = useState(of.name);
  const [reach, setReach] = useState<Reach>('everybody');
  const condition = of.segment ? within(reach, of.segment.id, of.condition) : rooted(of.condition);
  const create = useMutation({
    mutationFn: () => makeRule({ name: name.trim(), condition }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['segments'] }),
  });
  const names = { segment: (id: string) => facts.segments.find((one) => one.id === id)?.name };
  if (create.data) {
    return (
      <div className="stack">
        <div className="note-box good" role="status">
          <strong>{w('made')}</strong> · {create.data.name}
        </div>
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button onClick={onClose}>{w('make_another')}</Button>
          <Button type="primary" autoFocus onClick={() => go(paths.segment(create.data.id))}>{w('open_made')}</Button>
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
      <Field label={w('name')} wrong={name.trim() ? fieldText(create.error, 'name') : w('name_needed')}>
        <Input value={name} maxLength={100} autoFocus onChange={(event) => setName(event.target.value)} />
      </Field>
      {of.segment && (
        <fieldset className="plain field">
          <legend className="label" style={{ fontSize: 12, fontWeight: 500, color: 'var(--ink-2)', marginBottom: 4 }}>{w('reach')}</legend>
          <Radio.Group vertical value={reach} onChange={(event) => setReach(event.target.value as Reach)} options={REACHES.map((value) => ({ value, label: w(`reach_${value}`, { name: of.segment!.name }) }))} />
        </fieldset>
      )}
      <p className="cb-read">{sentence(condition, lang, names)}</p>
      <LiveCount condition={condition} />
      {create.error && <ProblemView error={create.error} kept />}
      <div className="row" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{c('cancel')}</Button>
        <Button type="primary" htmlType="submit" disabled={!name.trim()} loading={create.isPending}>
          {w('create')}
        </Button>
      </div>
    </form>
  );
}

/** How many satisfy it now. */
export function LiveCount({ condition }: { condition: Condition }) {
  const w = useWords(seg);
  const c = useWords(common);
  const lang = useLanguage();
  const asked = useQuery({ queryKey: ['segments', 'count', JSON.stringify(condition)], queryFn: ({ signal }) => countCondition(condition, signal), placeholderData: keepPreviousData });
  if (asked.error) return <ProblemView error={asked.error} retry={() => void asked.refetch()} />;
  return (
    <p aria-live="polite" style={{ opacity: asked.isPlaceholderData ? 0.55 : 1 }}>
      <span className="soft">{w('now')}</span> <b style={{ fontSize: 20 }} data-testid="live-count">{asked.data ? c('people_count', { n: number(asked.data.count, lang) }) : '–'}</b>
    </p>
  );
}

// Before two become one, or one becomes several: who would be there, and why it is done.
import { Input } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type Identifier, type PersonPart, type Regrouping, call } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { useKnownPerson, searchPeople } from '../../../lib/people';
import { factLabel } from '../../../lib/vocabulary';
import { Ago, Badge } from '../../../ui/bits';
import { Danger } from '../../../ui/danger';
import { Answered, useToast } from '../../../ui/feedback';
import { PersonPicker, personName } from '../../../ui/person-picker';
import { people } from '../words';
import { IdentifierChip } from './identifier-chip';

const SHOWN = 'regrouping';

/** After people were regrouped nothing that was known of them holds. */
function useRegrouped(id: string, onDone: () => void) {
  const w = useWords(people);
  const toast = useToast();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return (said: 'unmerged' | 'merged') => (answer: Regrouping) => {
    // What was only shown needs no second look: it is true now.
    void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== SHOWN });
    toast.done(w(said));
    const staying = answer.people.find((one) => one.stays) ?? answer.people[0];
    if (staying && staying.id !== id) void navigate({ to: paths.person(staying.id), search: { tab: 'identity' } as never });
    onDone();
  };
}

export function UnmergeDialog({ id, out, onClose }: { id: string; out: Identifier[]; onClose: () => void }) {
  const w = useWords(people);
  const [reason, setReason] = useState('');
  const ask = (dry_run: boolean) => call('POST /people/{id}:unmerge', { path: { id }, body: { identifiers: out.map(({ type, value }) => ({ type, value })), reason, dry_run } });
  const shown = useQuery({ queryKey: [SHOWN, id, 'without', out], queryFn: () => ask(true), staleTime: 0 });
  const regrouped = useRegrouped(id, onClose);
  const go = useMutation({ mutationFn: () => ask(false), onSuccess: regrouped('unmerged') });
  return (
    <Danger open width={640} title={w('unmerge_title')} confirm={w('unmerge_go')} busy={go.isPending} blocked={!shown.data} error={go.error} onConfirm={() => go.mutate()} onClose={onClose}>
      <p>{w('unmerge_text')}</p>
      <Answered of={shown} lines={4}>{(answer) => <Parts of={answer.people} />}</Answered>
      <Reason value={reason} onChange={setReason} />
    </Danger>
  );
}

export function MergeDialog({ id, given, onClose }: { id: string; given?: string; onClose: () => void }) {
  const w = useWords(people);
  const [other, setOther] = useState(given ?? '');
  const [reason, setReason] = useState('');
  const known = useKnownPerson(other);
  const ask = (dry_run: boolean) => call('POST /people/{id}:merge', { path: { id }, body: { with: other, reason, dry_run } });
  const shown = useQuery({ queryKey: [SHOWN, id, 'with', other], enabled: !!other, retry: false, queryFn: () => ask(true), staleTime: 0 });
  const regrouped = useRegrouped(id, onClose);
  const go = useMutation({ mutationFn: () => ask(false), onSuccess: regrouped('merged') });
  return (
    <Danger open width={560} kind="primary" title={w('merge_title')} confirm={w('merge_go')} busy={go.isPending} blocked={!shown.data} error={go.error} onConfirm={() => go.mutate()} onClose={onClose}>
      <p>{w('merge_text')}</p>
      <PersonPicker value={other} onChange={setOther} search={(q) => searchPeople(q).then((found) => found.filter((one) => one.id !== id))} label={w('merge_with')} known={known} />
      {other && <Answered of={shown} lines={3}>{(answer) => <Parts of={answer.people} />}</Answered>}
      <Reason value={reason} onChange={setReason} />
    </Danger>
  );
}

function Reason({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const w = useWords(people);
  return (
    <label className="field">
      <span className="label">{w('reason')}</span>
      <Input value={value} maxLength={500} placeholder={w('reason_hint')} onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}

function Parts({ of }: { of: PersonPart[] }) {
  const w = useWords(people);
  const lang = useLanguage();
  return (
    <div style={{ display: 'grid', gap: 10, gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))' }}>
      {of.map((one) => (
        <div key={one.id} className="note-box plain stack tight">
          <span className="row wrap">
            <strong className="cut">{personName(one)}</strong>
            {of.length > 1 && <Badge tone={one.stays ? 'good' : 'quiet'}>{w(one.stays ? 'stays' : 'leaves')}</Badge>}
          </span>
          <div className="chips">{one.identifiers.map((id) => <IdentifierChip key={id.type + id.value} of={id} />)}</div>
          <span className="small soft">
            {w('events_count', { n: number(one.events, lang) })} · {w('first_seen')} <Ago at={one.first_seen} />
          </span>
          <span className="small soft break">{one.traits.length === 0 ? w('traits_none') : one.traits.slice(0, 8).map((name) => factLabel(name, lang)).join(lang === 'zh' ? '、' : ', ')}</span>
        </div>
      ))}
    </div>
  );
}

// Which identifiers weigh more, how many of each one person may have, and the guard rails.
import { Input, InputNumber, Switch } from 'antd';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type IdType, type IdentityRules, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useMay } from '../../../lib/session';
import { identifierLabel, isTranslated } from '../../../lib/vocabulary';
import { Button } from '../../../ui/button';
import { Answered, ProblemView, useFieldText, useToast } from '../../../ui/feedback';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { Table } from '../../../ui/list';
import { Page, Panel } from '../../../ui/page';
import { common } from '../../../ui/words';
import { people } from '../words';

const KEY = ['identity', 'rules'];
const RAILS = ['identifiers_per_person', 'links_per_minute', 'shared_after'] as const;

export default function IdentityRulesPage() {
  const w = useWords(people);
  const asked = useQuery({ queryKey: KEY, queryFn: () => call('GET /identity/rules') });
  return (
    <Answered of={asked} lines={12}>
      {(rules) => <Rules key={JSON.stringify(rules)} saved={rules} title={w('rules')} />}
    </Answered>
  );
}

function Rules({ saved, title }: { saved: IdentityRules; title: string }) {
  const w = useWords(people);
  const c = useWords(common);
  const lang = useLanguage();
  const toast = useToast();
  const field = useFieldText();
  const queries = useQueryClient();
  const able = useMay()('people:write');
  const [rules, setRules] = useState(saved);
  const dirty = JSON.stringify(rules) !== JSON.stringify(saved);
  const guard = useLeaveGuard(dirty);
  const save = useMutation({
    mutationFn: () => call('PUT /identity/rules', { body: rules }),
    onSuccess: (now) => {
      queries.setQueryData(KEY, now);
      toast.done(w('rules_saved'));
    },
  });
  const change = (at: number, patch: Partial<IdType>) => setRules((now) => ({ ...now, types: now.types.map((one, i) => (i === at ? { ...one, ...patch } : one)) }));
  const fault = (at: number, name: string) => field(save.error, `types.${at}.${name}`);
  const count = (at: number, name: 'weight' | 'per_person', most: number) => (
    <InputNumber aria-label={`${w(name)} ${rules.types[at]!.name}`} size="small" min={name === 'weight' ? 0 : 1} max={most} precision={0} disabled={!able} status={fault(at, name) ? 'error' : undefined} value={rules.types[at]![name]} onChange={(value) => change(at, { [name]: value ?? 0 })} style={{ width: 76 }} />
  );
  const toggle = (at: number, name: 'joins' | 'may_be_shared' | 'newest_wins') => <Switch aria-label={`${w(name)} ${rules.types[at]!.name}`} size="small" disabled={!able} checked={rules.types[at]![name] ?? false} onChange={(on) => change(at, { [name]: on })} />;
  const rows = rules.types.map((type, at) => ({ type, at }));
  return (
    <Page
      title={title}
      sub={w('rules_sub')}
      actions={able && <Button type="primary" disabled={!dirty} loading={save.isPending} onClick={() => save.mutate()}>{c('save')}</Button>}
    >
      {guard.question}
      <div className="stack loose">
        {save.error && <ProblemView error={save.error} kept />}
        <Panel title={w('guard_rails')}>
          <div className="row wrap" style={{ gap: 20 }}>
            {RAILS.map((rail) => (
              <label className="field" key={rail}>
                <span className="label">{w(rail)}</span>
                <InputNumber min={rail === 'links_per_minute' ? 1 : 2} max={rail === 'links_per_minute' ? 10_000 : rail === 'shared_after' ? 100 : 1_000} precision={0} disabled={!able} status={field(save.error, rail) ? 'error' : undefined} value={rules[rail]} onChange={(value) => setRules((now) => ({ ...now, [rail]: value ?? 0 }))} />
              </label>
            ))}
          </div>
        </Panel>
        <Panel title={w('identifiers')} extra={able && <Button size="small" icon={<Plus size={14} />} onClick={() => setRules((now) => ({ ...now, types: [{ name: '', weight: 50, per_person: 5, joins: true, may_be_shared: false, newest_wins: false }, ...now.types] }))}>{w('add_kind')}</Button>}>
          <p className="soft small">{w('weight_hint')}</p>
          <Table
            label={w('rules')}
            rows={rows}
            rowKey={(row) => String(row.at)}
            columns={[
              { id: 'kind', title: w('kind'), render: ({ type, at }) => <Kind type={type} fresh={!saved.types.some((one) => one.name === type.name) || !type.name} fault={fault(at, 'name')} onName={(name) => change(at, { name })} label={identifierLabel(type.name, lang)} /> },
              { id: 'weight', title: w('weight'), end: true, render: ({ at }) => count(at, 'weight', 100) },
              { id: 'per_person', title: w('per_person'), end: true, render: ({ at }) => count(at, 'per_person', 1_000) },
              { id: 'joins', title: w('joins'), end: true, render: ({ at }) => toggle(at, 'joins') },
              { id: 'shared', title: w('may_be_shared'), end: true, render: ({ at }) => toggle(at, 'may_be_shared') },
              { id: 'newest', title: w('newest_wins'), end: true, render: ({ at }) => toggle(at, 'newest_wins') },
              { id: 'do', title: '', end: true, render: ({ type, at }) => able && <Button size="small" type="text" aria-label={w('remove_kind', { name: type.name })} icon={<Trash2 size={14} />} onClick={() => setRules((now) => ({ ...now, types: now.types.filter((_, i) => i !== at) }))} /> },
            ]}
          />
        </Panel>
      </div>
    </Page>
  );
}

function Kind({ type, fresh, fault, onName, label }: { type: IdType; fresh: boolean; fault: string | null; onName: (name: string) => void; label: string }) {
  const w = useWords(people);
  if (fresh) return <Input aria-label={w('kind')} size="small" value={type.name} maxLength={64} status={fault ? 'error' : undefined} placeholder="member_card" onChange={(event) => onName(event.target.value.trim())} style={{ maxWidth: 220 }} />;
  return (
    <span className="row wrap" style={{ gap: '0 8px' }}>
      {label}
      {isTranslated(type.name, label) && <code className="dim">{type.name}</code>}
    </span>
  );
}

// The rule of one event: what it must carry, and whether it is wanted at all.
import { useQuery } from '@tanstack/react-query';
import { Checkbox, Drawer, Input, Select, Switch } from 'antd';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { type PropertyFact, type TrackingPlan, type ValueKind, call } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { eventLabel, factLabel, isTranslated } from '../../../lib/vocabulary';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Danger } from '../../../ui/danger';
import { Answered, ProblemView, useToast } from '../../../ui/feedback';
import { useLeaveGuard } from '../../../ui/leave-guard';
import { common } from '../../../ui/words';
import { useEditPlan } from '../logic/queries';
import { HOUSE, KINDS, type PropertyLine, type RuleForm, factsOf, formOf, propertyFaults, ruleFrom, ruleOf, unfit, withRules, without } from '../logic/rules';
import { qw } from '../words';

/** What is known of an event's properties: as it was stored, or else as it was kept apart. */
function useSeen(name: string) {
  return useQuery({
    queryKey: ['quality', 'seen', name],
    queryFn: async (): Promise<PropertyFact[]> => {
      if (!name) return [];
      const { items } = await call('GET /events/properties', { query: { name } });
      if (items.length > 0) return items;
      const kept = await call('GET /quality/quarantine', { query: { q: name, limit: 100 } });
      return factsOf(kept.items.filter((one) => one.event.name === name));
    },
  });
}

export function RuleDrawer({ plan, name, able, onClose }: { plan: TrackingPlan; name: string; able: boolean; onClose: () => void }) {
  const w = useWords(qw);
  const lang = useLanguage();
  const seen = useSeen(name);
  const [dirty, setDirty] = useState(false);
  const { question, release, leave } = useLeaveGuard(dirty);
  const label = eventLabel(name, lang);
  return (
    <Drawer
      open
      onClose={() => leave(onClose)}
      size={620}
      title={
        name ? (
          <>
            {label} {isTranslated(name, label) && <code className="dim small">{name}</code>}
          </>
        ) : (
          w('rule_new')
        )
      }
    >
      <Answered of={seen} lines={8}>
        {(facts) => (
          <RuleEdit
            plan={plan}
            name={name}
            facts={facts}
            able={able}
            onDirty={setDirty}
            onDone={() => {
              release();
              onClose();
            }}
          />
        )}
      </Answered>
      {question}
    </Drawer>
  );
}

type EditProps = { plan: TrackingPlan; name: string; facts: PropertyFact[]; able: boolean; onDirty: (dirty: boolean) => void; onDone: () => void };

function RuleEdit({ plan, name, facts, able, onDirty, onDone }: EditProps) {
  const w = useWords(qw);
  const c = useWords(common);
  const toast = useToast();
  const known = plan.events[name];
  const [form, setForm] = useState<RuleForm>(() => formOf(name, known ?? ruleOf(facts)));
  const [tried, setTried] = useState(false);
  const [dropping, setDropping] = useState(false);
  const save = useEditPlan(() => {
    toast.done(w('saved'));
    onDone();
  });
  const set = (patch: Partial<RuleForm>) => {
    setForm({ ...form, ...patch });
    onDirty(true);
  };
  const setLine = (i: number, patch: Partial<PropertyLine>) => set({ properties: form.properties.map((one, j) => (j === i ? { ...one, ...patch } : one)) });
  const typed = form.name.trim();
  const nameFault = !typed ? w('name_needed') : !name && typed in plan.events ? w('name_taken') : null;
  const faults = propertyFaults(form.properties);
  const listed = new Set(form.properties.map((one) => one.name.trim()));
  const more = Object.entries(ruleOf(facts).properties ?? {}).filter(([property]) => !listed.has(property));
  const house = HOUSE.has(typed);
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!nameFault && faults.every((one) => one === null)) save.mutate((now) => withRules(now, { [typed]: ruleFrom(form) }));
      }}
    >
      <fieldset className="plain form" disabled={!able}>
        {!name && (
          <Field label={w('name')} help={w('name_help')} wrong={tried ? nameFault : null}>
            <Input value={form.name} placeholder="purchase" onChange={(event) => set({ name: event.target.value })} autoFocus />
          </Field>
        )}
        <Field label={w('description')}>
          <Input value={form.description} placeholder={w('description_placeholder')} onChange={(event) => set({ description: event.target.value })} />
        </Field>
        <label className="row top">
          <Switch size="small" style={{ marginTop: 3 }} checked={form.blocked} disabled={!able || house} onChange={(blocked) => set({ blocked })} />
          <span>
            {w('blocked')}
            <span className="dim small" style={{ display: 'block' }}>{w(house ? 'blocked_house' : 'blocked_help')}</span>
          </span>
        </label>
        {!form.blocked && (
          <section className="stack tight" aria-label={w('properties')}>
            <h3 className="h small">{w('properties')}</h3>
            {form.properties.length === 0 && <p className="dim small">{w('properties_none')}</p>}
            <ul className="stack tight">
              {form.properties.map((line, i) => (
                <PropertyEdit key={i} line={line} fault={tried ? (faults[i] ?? null) : null} fact={facts.find((one) => one.name === line.name.trim())} able={able} onChange={(patch) => setLine(i, patch)} onRemove={() => set({ properties: form.properties.filter((_, j) => j !== i) })} />
              ))}
            </ul>
            {able && (
              <div className="row wrap">
                <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => set({ properties: [...form.properties, { name: '', kind: 'text', required: false }] })}>
                  {w('add_property')}
                </Button>
                {more.length > 0 && (
                  <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => set({ properties: [...form.properties, ...more.map(([property, kind]) => ({ name: property, kind, required: false }))] })}>
                    {w('add_seen', { count: more.length })}
                  </Button>
                )}
              </div>
            )}
            {form.properties.some((one) => one.kind === 'number') && <p className="dim small">{w('number_help')}</p>}
          </section>
        )}
      </fieldset>
      {save.error && <ProblemView error={save.error} kept />}
      {able && (
        <>
          <p className="dim small">{w('takes_effect')}</p>
          <div className="row wrap">
            {known && (
              <Button onClick={() => setDropping(true)} icon={<Trash2 size={14} />}>
                {w('drop')}
              </Button>
            )}
            <span className="grow" />
            <Button type="primary" htmlType="submit" loading={save.isPending}>
              {known ? c('save') : w('add')}
            </Button>
          </div>
        </>
      )}
      <Danger open={dropping} title={w('drop_title', { name })} confirm={c('remove')} busy={save.isPending} error={save.error} onConfirm={() => save.mutate((now) => without(now, name))} onClose={() => setDropping(false)}>
        <p>{w(plan.refuse_unknown ? 'drop_refused' : 'drop_text')}</p>
      </Danger>
    </form>
  );
}

type LineProps = { line: PropertyLine; fault: 'property_needed' | 'property_twice' | 'property_idle' | null; fact: PropertyFact | undefined; able: boolean; onChange: (patch: Partial<PropertyLine>) => void; onRemove: () => void };

function PropertyEdit({ line, fault, fact, able, onChange, onRemove }: LineProps) {
  const w = useWords(qw);
  const lang = useLanguage();
  const kinds = (list: ValueKind[]) => list.map((one) => w(`k_${one}`)).join(lang === 'zh' ? '、' : ', ');
  const wrong = fact ? unfit(line.kind, fact.kinds) : [];
  const label = factLabel(line.name, lang);
  const named = line.name.trim();
  return (
    <li className="property-line">
      <Input size="small" aria-label={w('property')} value={line.name} status={fault && fault !== 'property_idle' ? 'error' : undefined} onChange={(event) => onChange({ name: event.target.value })} />
      <Select size="small" aria-label={`${w('kind')} ${named}`} value={line.kind} disabled={!able} status={fault === 'property_idle' ? 'error' : undefined} onChange={(kind: ValueKind | '') => onChange({ kind })} options={[...KINDS, '' as const].map((one) => ({ value: one, label: w(`k_${one || 'any'}`) }))} />
      <Checkbox checked={line.required} disabled={!able} onChange={(event) => onChange({ required: event.target.checked })}>
        {w('required')}
      </Checkbox>
      {able ? (
        <button type="button" className="icon-button" aria-label={`${w('remove_property')} ${named}`} title={w('remove_property')} onClick={onRemove}>
          <Trash2 size={13} aria-hidden />
        </button>
      ) : (
        <span />
      )}
      <div className="small about">
        {fault ? (
          <span role="alert" style={{ color: 'var(--bad)' }}>{w(fault)}</span>
        ) : wrong.length > 0 ? (
          <span style={{ color: 'var(--warn)' }}>{w('unfit', { kinds: kinds(wrong) })}</span>
        ) : (
          named && (
            <span className="dim break">
              {[isTranslated(named, label) ? label : '', fact ? w('seen_as', { kinds: kinds(fact.kinds) }) : w('never_seen'), ...(fact?.examples.slice(0, 3).map(String) ?? [])].filter(Boolean).join(' · ')}
            </span>
          )
        )}
      </div>
    </li>
  );
}

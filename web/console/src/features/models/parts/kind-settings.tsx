// The settings of each kind: what must be said, and what may be said besides.
import { useQuery } from '@tanstack/react-query';
import { Input, InputNumber, Segmented, Select } from 'antd';
import { useEffect, useState } from 'react';
import type { Cuts, Draft, Settings } from '../../../lib/api/models';
import { span } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { countCondition, useFacts } from '../../../lib/use-facts';
import { eventLabel, factLabel } from '../../../lib/vocabulary';
import { Field } from '../../../ui/bits';
import { ConditionBuilder, rooted } from '../../../ui/condition-builder';
import { type Lack, mainProperty, propertyWanted } from '../logic/drafts';
import { mw } from '../words';

export type FormProps = { draft: Draft; onChange: (draft: Draft) => void; able: boolean; /** What to say of a field, if anything. */ wrong: (...fields: Lack[]) => string | null };
type Of<K extends Draft['kind']> = Omit<FormProps, 'draft'> & { draft: Extract<Draft, { kind: K }> };
const SPANS = ['30d', '90d', '180d', '365d', '730d'];

/** Changes some of the settings and keeps the others. */
function patch<D extends Draft>(draft: D, change: Partial<D['settings']>): Draft {
  return { ...draft, settings: { ...draft.settings, ...change } } as Draft;
}

/** What is asked at once. */
export function MainSettings({ draft, ...rest }: FormProps) {
  switch (draft.kind) {
    case 'clusters':
      return <KField draft={draft} {...rest} />;
    case 'tree':
      return <Outcome draft={draft} {...rest} />;
    case 'rfm':
    case 'abc':
    case 'preference':
      return <EventFields draft={draft} {...rest} />;
    case 'look_alike':
      return <Seed draft={draft} {...rest} />;
    case 'propensity':
      return <WillDo draft={draft} {...rest} />;
  }
}

/** What is usual until somebody looks. */
export function FurtherSettings({ draft, ...rest }: FormProps) {
  switch (draft.kind) {
    case 'tree':
      return <TreeMore draft={draft} {...rest} />;
    case 'rfm':
      return <RfmMore draft={draft} {...rest} />;
    case 'abc':
      return <AbcMore draft={draft} {...rest} />;
    case 'preference':
      return <PreferenceMore draft={draft} {...rest} />;
    case 'propensity':
      return <Steps draft={draft} {...rest} />;
    default:
      return null;
  }
}

function KField({ draft, onChange, able }: Of<'clusters'>) {
  const w = useWords(mw);
  return (
    <Field label={w('k')}>
      <Select
        disabled={!able}
        value={draft.settings.k ?? 0}
        style={{ maxWidth: 260 }}
        onChange={(k: number) => onChange(patch(draft, { k: k || null }))}
        options={[{ value: 0, label: w('k_auto') }, ...Array.from({ length: 19 }, (_, i) => ({ value: i + 2, label: w('k_n', { n: i + 2 }) }))]}
      />
    </Field>
  );
}

function Outcome({ draft, onChange, able, wrong }: Of<'tree'>) {
  const w = useWords(mw);
  const facts = useFacts();
  return (
    <fieldset className="plain field" disabled={!able}>
      <span className="label">{w('outcome')}</span>
      <ConditionBuilder value={draft.settings.outcome} onChange={(outcome) => onChange(patch(draft, { outcome: rooted(outcome) }))} facts={facts} count={countCondition} />
      {wrong('outcome') && <div className="wrong" role="alert">{wrong('outcome')}</div>}
    </fieldset>
  );
}

function TreeMore({ draft, onChange, able }: Of<'tree'>) {
  const w = useWords(mw);
  return (
    <>
      <Field label={w('max_depth')}>
        <Select disabled={!able} value={draft.settings.max_depth} onChange={(max_depth: number) => onChange(patch(draft, { max_depth }))} options={[2, 3, 4, 5, 6].map((n) => ({ value: n, label: w('depth_n', { n }) }))} />
      </Field>
      <Field label={w('min_leaf')}>
        <InputNumber disabled={!able} min={1} precision={0} placeholder={w('auto')} value={draft.settings.min_leaf} style={{ width: '100%' }} onChange={(min_leaf) => onChange(patch(draft, { min_leaf: min_leaf ?? null }))} />
      </Field>
    </>
  );
}

function EventFields({ draft, onChange, able, wrong }: Of<'rfm' | 'abc' | 'preference'>) {
  const w = useWords(mw);
  const lang = useLanguage();
  const facts = useFacts();
  const { event, property, within } = draft.settings;
  const set = (change: Partial<Settings['abc']>) => onChange(patch<Draft>(draft, change as Partial<Draft['settings']>));
  const asked = useQuery({ queryKey: ['models', 'properties', event], enabled: !!event, queryFn: () => facts.properties(event) });
  const wanted = propertyWanted[draft.kind]!;
  // The property that is meant nearly always is filled in as soon as it is known.
  useEffect(() => {
    if (!property && asked.data) {
      const found = mainProperty(asked.data, wanted.names, wanted.numeric);
      if (found) set({ property: found });
    }
  }, [asked.data, property]);
  const offered = (asked.data ?? []).filter((one) => !wanted.numeric || one.kinds.includes('number'));
  return (
    <>
      <EventField label={w('event')} value={event} able={able} wrong={wrong('event')} onChange={(next) => set({ event: next, property: '' })} />
      <Field label={w(wanted.numeric ? 'money' : 'property')} wrong={wrong('property')}>
        <Select disabled={!able} showSearch={{ optionFilterProp: 'label' }} value={property || undefined} onChange={(next: string) => set({ property: next })} options={[...new Set([property, ...offered.map((one) => one.name)])].filter(Boolean).map((name) => ({ value: name, label: factLabel(name, lang) }))} />
      </Field>
      <Field label={w('within')} wrong={wrong('within')}>
        <Select disabled={!able} value={within} onChange={(next: string) => set({ within: next })} options={[...new Set([...SPANS, within])].map((one) => ({ value: one, label: span(one, lang) }))} />
      </Field>
    </>
  );
}

function EventField({ label, value, able, wrong, onChange }: { label: string; value: string; able: boolean; wrong: string | null; onChange: (name: string) => void }) {
  const lang = useLanguage();
  const facts = useFacts();
  const names = [...new Set([value, ...[...facts.events].sort((a, b) => b.count - a.count).map((one) => one.name)])].filter(Boolean);
  return (
    <Field label={label} wrong={wrong}>
      <Select disabled={!able} showSearch={{ optionFilterProp: 'label' }} value={value || undefined} onChange={onChange} options={names.map((name) => ({ value: name, label: eventLabel(name, lang) }))} />
    </Field>
  );
}

function RfmMore({ draft, onChange, able, wrong }: Of<'rfm'>) {
  const w = useWords(mw);
  const { by, weights, cuts, tiles } = draft.settings;
  const own: Cuts = { recency: [7, 30, 90, 180], frequency: [1, 2, 4, 8], monetary: [100, 300, 1000, 3000] };
  return (
    <>
      <Field label={w('by')}>
        <Select disabled={!able} value={by} onChange={(next: 'cells' | 'eight') => onChange(patch(draft, { by: next }))} options={[{ value: 'eight', label: w('by_eight') }, { value: 'cells', label: w('by_cells') }]} />
      </Field>
      <div className="field" role="group" aria-label={w('weights')}>
        <span className="label">{w('weights')}</span>
        <div className="row">
          {(['r', 'f', 'm'] as const).map((of, i) => (
            <InputNumber key={of} disabled={!able} min={0} max={10} aria-label={w(of)} prefix={<span className="dim small" title={w(of)}>{of.toUpperCase()}</span>} value={weights[i]} style={{ width: '100%' }} onChange={(next) => onChange(patch(draft, { weights: weights.map((one, at) => (at === i ? (next ?? 1) : one)) as [number, number, number] }))} />
          ))}
        </div>
      </div>
      <div className="field">
        <span className="label">{w('cuts')}</span>
        <Segmented disabled={!able} value={cuts ? 'own' : 'auto'} onChange={(next) => onChange(patch(draft, { cuts: next === 'own' ? own : null }))} options={[{ value: 'auto', label: w('cuts_auto') }, { value: 'own', label: w('cuts_own') }]} />
        {cuts && (
          <div className="stack tight" style={{ marginTop: 8 }}>
            {([['recency', 'r'], ['frequency', 'f'], ['monetary', 'm']] as const).map(([of, word]) => (
              <NumbersInput key={of} label={w(word)} able={able} value={cuts[of]} onChange={(list) => onChange(patch(draft, { cuts: { ...cuts, [of]: list } }))} />
            ))}
            <div className={wrong('cuts') ? 'wrong' : 'help'} role={wrong('cuts') ? 'alert' : undefined}>{wrong('cuts') ?? w('cuts_hint', { n: tiles - 1 })}</div>
          </div>
        )}
      </div>
    </>
  );
}

/** A few numbers with commas; what is typed stays as typed, and what it means is told. */
function NumbersInput({ label, value, able, onChange }: { label: string; value: number[]; able: boolean; onChange: (list: number[]) => void }) {
  const [text, setText] = useState(value.join(', '));
  return (
    <Input
      aria-label={label}
      disabled={!able}
      prefix={<span className="dim small">{label}</span>}
      value={text}
      onChange={(event) => {
        setText(event.target.value);
        onChange(event.target.value.split(/[,，\s]+/).filter(Boolean).map(Number));
      }}
    />
  );
}

/** A share as a percentage. */
function ShareField({ label, value, able, wrong, onChange }: { label: string; value: number; able: boolean; wrong: string | null; onChange: (share: number) => void }) {
  return (
    <Field label={label} wrong={wrong}>
      <InputNumber disabled={!able} min={0} max={100} suffix="%" value={Math.round(value * 1000) / 10} style={{ width: '100%' }} onChange={(next) => onChange((next ?? 0) / 100)} />
    </Field>
  );
}

function AbcMore({ draft, onChange, able, wrong }: Of<'abc'>) {
  const w = useWords(mw);
  return (
    <>
      <ShareField label={w('a')} able={able} value={draft.settings.a} wrong={wrong('shares')} onChange={(a) => onChange(patch(draft, { a }))} />
      <ShareField label={w('b')} able={able} value={draft.settings.b} wrong={null} onChange={(b) => onChange(patch(draft, { b }))} />
    </>
  );
}

function PreferenceMore({ draft, onChange, able }: Of<'preference'>) {
  const w = useWords(mw);
  return (
    <>
      <Field label={w('half_life')} help={w('half_life_hint')}>
        <InputNumber disabled={!able} min={1} precision={0} suffix={w('days_unit')} value={draft.settings.half_life} style={{ width: '100%' }} onChange={(half_life) => onChange(patch(draft, { half_life: half_life ?? 30 }))} />
      </Field>
      <ShareField label={w('least')} able={able} value={draft.settings.least} wrong={null} onChange={(least) => onChange(patch(draft, { least }))} />
    </>
  );
}

function Seed({ draft, onChange, able, wrong }: Of<'look_alike'>) {
  const w = useWords(mw);
  const facts = useFacts();
  const known = facts.segments.some((one) => one.id === draft.settings.seed);
  return (
    <>
      <Field label={w('seed')} wrong={wrong('seed')} help={facts.segments.length === 0 ? w('seed_none') : undefined}>
        <Select disabled={!able} showSearch={{ optionFilterProp: 'label' }} value={draft.settings.seed || undefined} onChange={(seed: string) => onChange(patch(draft, { seed }))} options={[...(known || !draft.settings.seed ? [] : [{ value: draft.settings.seed, label: draft.settings.seed }]), ...facts.segments.map((one) => ({ value: one.id, label: one.name }))]} />
      </Field>
      <Field label={w('size')} wrong={wrong('size')}>
        <InputNumber disabled={!able} min={1} precision={0} value={draft.settings.size} style={{ width: '100%' }} onChange={(size) => onChange(patch(draft, { size: size ?? 0 }))} />
      </Field>
    </>
  );
}

function WillDo({ draft, onChange, able, wrong }: Of<'propensity'>) {
  const w = useWords(mw);
  const { event, days } = draft.settings;
  return (
    <>
      <EventField label={w('event')} value={event.name} able={able} wrong={wrong('event')} onChange={(name) => onChange(patch(draft, { event: { name } }))} />
      <Field label={w('days')}>
        <Select disabled={!able} value={days} onChange={(next: number) => onChange(patch(draft, { days: next }))} options={[...new Set([7, 14, 30, 60, 90, days])].sort((a, b) => a - b).map((n) => ({ value: n, label: w('days_n', { n, count: n }) }))} />
      </Field>
    </>
  );
}

function Steps({ draft, onChange, able, wrong }: Of<'propensity'>) {
  const w = useWords(mw);
  const [high, medium] = draft.settings.steps;
  return (
    <>
      <ShareField label={w('top_high')} able={able} value={high} wrong={wrong('steps')} onChange={(next) => onChange(patch(draft, { steps: [next, medium] }))} />
      <ShareField label={w('top_medium')} able={able} value={medium} wrong={null} onChange={(next) => onChange(patch(draft, { steps: [high, next] }))} />
    </>
  );
}

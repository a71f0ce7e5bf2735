// Writing the rule of a tag of things: values with conditions, a share of the whole, or the values that are given by hand.
import { Input, InputNumber } from 'antd';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ThingNamed, ThingShare, ThingTagRule } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { useFacts } from '../../../lib/use-facts';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { Choose, EventChoose } from '../../../ui/condition-builder';
import { Panel } from '../../../ui/page';
import { useAttributes } from '../logic/attributes';
import { ALL_DAYS, freshLine } from '../logic/condition';
import { valueText } from '../logic/things';
import { cw } from '../words';
import { ConditionLines } from './condition';
import { MEASURES, type Measure } from './figures';

type Props = { type: string; rule: ThingTagRule; onChange: (rule: ThingTagRule) => void; able: boolean; fault: (path: string) => string | null };

export function RuleEditor(props: Props) {
  const w = useWords(cw);
  const { rule, able, onChange, fault } = props;
  if (rule.assigned) return <Named values={rule.assigned} able={able} fault={(at) => fault(`rule.assigned.${at}.value`)} onChange={(assigned) => onChange({ assigned })} hint={w('hand_hint')} />;
  return (
    <div className="stack">
      {rule.share ? <ShareEditor {...props} share={rule.share} /> : <LadderEditor {...props} />}
      <Field label={w('otherwise')} help={w('otherwise_hint')} wrong={fault('rule.otherwise')}>
        <Input value={rule.otherwise ?? ''} maxLength={100} disabled={!able} style={{ maxWidth: 280 }} onChange={(event) => onChange({ ...rule, otherwise: event.target.value || undefined })} />
      </Field>
      {!rule.share && <p className="dim small">{w('judged_note')}</p>}
    </div>
  );
}

function LadderEditor({ type, rule, onChange, able, fault }: Props) {
  const w = useWords(cw);
  const lang = useLanguage();
  const attributes = useAttributes(type);
  const values = rule.values ?? [];
  const set = (next: typeof values) => onChange({ ...rule, values: next });
  const change = (at: number, patch: Partial<(typeof values)[number]>) => set(values.map((one, i) => (i === at ? { ...one, ...patch } : one)));
  const swap = (at: number, other: number) => set(values.map((one, i) => (i === at ? values[other]! : i === other ? values[at]! : one)));
  return (
    <div className="stack">
      <p className="soft">{w('values_hint')}</p>
      {fault('rule.values') && <div className="wrong" role="alert">{fault('rule.values')}</div>}
      {values.map((one, at) => (
        <Panel
          key={at}
          title={`${at + 1}. ${one.value ? valueText(one.value, rule, lang) : w('value')}`}
          extra={
            able && (
              <span className="row">
                <Button size="small" type="text" disabled={at === 0} aria-label={w('up', { value: one.value })} icon={<ArrowUp size={14} />} onClick={() => swap(at, at - 1)} />
                <Button size="small" type="text" disabled={at === values.length - 1} aria-label={w('down', { value: one.value })} icon={<ArrowDown size={14} />} onClick={() => swap(at, at + 1)} />
                <Button size="small" type="text" disabled={values.length === 1} aria-label={w('remove', { value: one.value })} icon={<Trash2 size={14} />} onClick={() => set(values.filter((_, i) => i !== at))} />
              </span>
            )
          }
        >
          <div className="stack">
            <ValueFields value={one} able={able} wrong={fault(`rule.values.${at}.value`)} onChange={(patch) => change(at, patch)} />
            <ConditionLines value={one.condition} able={able} attributes={attributes} fault={(path) => fault(`rule.values.${at}.condition${path}`)} onChange={(condition) => change(at, { condition })} />
          </div>
        </Panel>
      ))}
      {able && <div><Button icon={<Plus size={14} />} onClick={() => set([...values, { value: '', condition: { all: [freshLine.attribute()] } }])}>{w('add_value')}</Button></div>}
    </div>
  );
}

function ValueFields({ value, able, wrong, onChange, children }: { value: ThingNamed; able: boolean; wrong: string | null; onChange: (patch: { value?: string; label?: string }) => void; children?: ReactNode }) {
  const w = useWords(cw);
  return (
    <div className="cols">
      <Field label={w('value')} wrong={wrong}>
        <Input value={value.value} maxLength={100} disabled={!able} onChange={(event) => onChange({ value: event.target.value })} />
      </Field>
      <Field label={w('value_label')}>
        <Input value={value.label ?? ''} maxLength={100} disabled={!able} onChange={(event) => onChange({ label: event.target.value || undefined })} />
      </Field>
      {children}
    </div>
  );
}

function ShareEditor({ rule, share, onChange, able, fault }: Props & { share: ThingShare }) {
  const w = useWords(cw);
  const lang = useLanguage();
  const facts = useFacts();
  const set = (patch: Partial<ThingShare>) => onChange({ ...rule, share: { ...share, ...patch } });
  const change = (at: number, patch: Partial<ThingShare['values'][number]>) => set({ values: share.values.map((one, i) => (i === at ? { ...one, ...patch } : one)) });
  return (
    <Panel title={w('kind_share')}>
      <div className="stack">
        <p className="soft">{w('share_hint')}</p>
        <fieldset className="test-line" disabled={!able} style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }}>
          <span className="word">{w('in_last')}</span>
          <InputNumber size="small" variant="filled" min={1} max={ALL_DAYS} precision={0} controls={false} disabled={!able} aria-label={w('days')} value={share.days} style={{ width: 52 }} onChange={(days) => set({ days: days ?? 90 })} />
          <span className="word">{w('in_days')}</span>
          <EventChoose value={share.event} facts={facts} onChange={(event) => set({ event })} />
          {lang === 'zh' && <span className="word">{w('figure_of')}</span>}
          <Choose value={share.of ?? 'events'} label={w('measure')} options={MEASURES.map((value) => ({ value, label: w(`of_${value}`) }))} onChange={(of) => set({ of: of as Measure })} />
        </fieldset>
        {(fault('rule.share') ?? fault('rule.share.values')) && <div className="wrong" role="alert">{fault('rule.share') ?? fault('rule.share.values')}</div>}
        {share.values.map((one, at) => (
          <div key={at} className="row top wrap">
            <Input aria-label={w('value_n', { n: at + 1 })} value={one.value} maxLength={100} disabled={!able} style={{ width: 90 }} status={fault(`rule.share.values.${at}.value`) ? 'error' : undefined} onChange={(event) => change(at, { value: event.target.value })} />
            <Input aria-label={`${w('value_label')} ${at + 1}`} placeholder={w('value_label')} value={one.label ?? ''} maxLength={100} disabled={!able} style={{ flex: 1, minWidth: 120 }} onChange={(event) => change(at, { label: event.target.value || undefined })} />
            <InputNumber aria-label={`${w('share_to')} ${at + 1}`} min={1} max={100} precision={0} disabled={!able || at === share.values.length - 1} value={one.to} prefix={<span className="dim small">{w('share_to')}</span>} suffix="%" style={{ width: 190 }} onChange={(to) => change(at, { to: to ?? one.to })} />
            {able && <Button type="text" disabled={share.values.length < 2 || at === share.values.length - 1} aria-label={w('remove', { value: one.value })} icon={<Trash2 size={14} />} onClick={() => set({ values: share.values.filter((_, i) => i !== at) })} />}
          </div>
        ))}
      </div>
    </Panel>
  );
}

function Named({ values, able, fault, onChange, hint }: { values: ThingNamed[]; able: boolean; fault: (at: number) => string | null; onChange: (values: ThingNamed[]) => void; hint: string }) {
  const w = useWords(cw);
  const change = (at: number, patch: Partial<ThingNamed>) => onChange(values.map((one, i) => (i === at ? { ...one, ...patch } : one)));
  return (
    <Panel title={w('own_hand')}>
      <div className="stack">
        <p className="soft">{hint}</p>
        {values.map((one, at) => (
          <div key={at} className="row top">
            <div className="grow field">
              <Input aria-label={w('value_n', { n: at + 1 })} placeholder={w('value')} value={one.value} maxLength={100} disabled={!able} status={fault(at) ? 'error' : undefined} onChange={(event) => change(at, { value: event.target.value })} />
              {fault(at) && <div className="wrong" role="alert">{fault(at)}</div>}
            </div>
            <div className="grow"><Input aria-label={`${w('value_label')} ${at + 1}`} placeholder={w('value_label')} value={one.label ?? ''} maxLength={100} disabled={!able} onChange={(event) => change(at, { label: event.target.value || undefined })} /></div>
            {able && <Button type="text" disabled={values.length === 1} aria-label={w('remove', { value: one.value })} icon={<Trash2 size={14} />} onClick={() => onChange(values.filter((_, i) => i !== at))} />}
          </div>
        ))}
        {able && <div><Button icon={<Plus size={14} />} onClick={() => onChange([...values, { value: '' }])}>{w('add_value')}</Button></div>}
      </div>
    </Panel>
  );
}

// Writing a rule: a ladder of values, a figure over events, or the values that are given by hand.
import { Input, Select } from 'antd';
import { ArrowDown, ArrowUp, Plus, Trash2 } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import type { TagRule, TagStatistic, TagValue } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { valueText } from '../../../lib/labels';
import { useFacts } from '../../../lib/use-facts';
import { eventLabel, factLabel } from '../../../lib/vocabulary';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ConditionBuilder, rooted } from '../../../ui/condition-builder';
import { Panel } from '../../../ui/page';
import { FUNCTIONS, SPANS } from '../logic/rule';
import { tw } from '../words';
import { HandEditor } from './assigned';

type Props = { rule: TagRule; onChange: (rule: TagRule) => void; able: boolean; fault: (path: string) => string | null };

export function RuleEditor(props: Props) {
  const { rule } = props;
  if (rule.assigned) return <HandEditor {...props} assigned={rule.assigned} />;
  return (
    <div className="stack">
      {rule.statistic ? <StatisticEditor {...props} statistic={rule.statistic} /> : <LadderEditor {...props} />}
      <Judged {...props} />
    </div>
  );
}

/** What is said of whole days needs no judging at every event. */
function Judged({ rule, onChange, able, fault }: Props) {
  const w = useWords(tw);
  return (
    <Field label={w('judged')} help={w(rule.refresh === 'day' ? 'judged_day_hint' : 'judged_event_hint')} wrong={fault('rule.refresh')}>
      <Select aria-label={w('judged')} disabled={!able} value={rule.refresh ?? 'event'} style={{ maxWidth: 280 }} onChange={(refresh: 'event' | 'day') => onChange({ ...rule, refresh: refresh === 'day' ? refresh : undefined })} options={(['event', 'day'] as const).map((value) => ({ value, label: w(`judged_${value}`) }))} />
    </Field>
  );
}

function LadderEditor({ rule, onChange, able, fault }: Props) {
  const w = useWords(tw);
  const lang = useLanguage();
  const facts = useFacts();
  const values = rule.values ?? [];
  const set = (next: TagValue[]) => onChange({ ...rule, values: next });
  const change = (at: number, patch: Partial<TagValue>) => set(values.map((one, i) => (i === at ? { ...one, ...patch } : one)));
  const swap = (at: number, other: number) => set(values.map((one, i) => (i === at ? values[other]! : i === other ? values[at]! : one)));
  return (
    <div className="stack">
      <p className="soft">{w('values_hint')}</p>
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
            <div className="cols">
              <Field label={w('value')} wrong={fault(`rule.values.${at}.value`)}>
                <Input value={one.value} maxLength={100} disabled={!able} onChange={(event) => change(at, { value: event.target.value })} />
              </Field>
              <Field label={w('value_label')}>
                <Input value={one.label ?? ''} maxLength={100} disabled={!able} onChange={(event) => change(at, { label: event.target.value || undefined })} />
              </Field>
            </div>
            <ConditionBuilder value={one.condition} onChange={(condition) => change(at, { condition: rooted(condition) })} facts={facts} reading={false} />
          </div>
        </Panel>
      ))}
      {able && <div><Button icon={<Plus size={14} />} onClick={() => set([...values, { value: '', condition: { all: [] } }])}>{w('add_value')}</Button></div>}
      <Field label={w('otherwise')} help={w('otherwise_hint')}>
        <Input value={rule.otherwise ?? ''} maxLength={100} disabled={!able} style={{ maxWidth: 280 }} onChange={(event) => onChange({ ...rule, otherwise: event.target.value || undefined })} />
      </Field>
    </div>
  );
}

function windowed(event: TagStatistic['event'], within: string): TagStatistic['event'] {
  const { within: _before, ...ever } = event;
  return within ? { ...ever, within } : ever;
}

function StatisticEditor({ rule, statistic, onChange, able, fault }: Props & { statistic: TagStatistic }) {
  const w = useWords(tw);
  const lang = useLanguage();
  const facts = useFacts();
  const event = statistic.event;
  const properties = useQuery({ queryKey: ['tags', 'properties', event.name], enabled: !!event.name, queryFn: () => facts.properties(event.name) });
  const set = (patch: Partial<TagStatistic>) => onChange({ ...rule, statistic: { ...statistic, ...patch } });
  return (
    <Panel title={w('statistic')}>
      <div className="row wrap" style={{ gap: 14, alignItems: 'flex-start' }}>
        <Field label={w('of_event')} wrong={fault('rule.statistic.event')}>
          <Select aria-label={w('of_event')} showSearch={{ optionFilterProp: 'label' }} disabled={!able} value={event.name || undefined} style={{ minWidth: 200 }} onChange={(name: string) => set({ event: { ...event, name } })} options={[...new Set([event.name, ...facts.events.map((one) => one.name)])].filter(Boolean).map((name) => ({ value: name, label: eventLabel(name, lang) }))} />
        </Field>
        <Field label={w('function')} wrong={fault('rule.statistic.function')}>
          <Select aria-label={w('function')} disabled={!able} value={statistic.function} style={{ minWidth: 130 }} onChange={(name: string) => set({ function: name, property: name === 'count' ? undefined : statistic.property })} options={FUNCTIONS.map((name) => ({ value: name, label: w(`f_${name}`) }))} />
        </Field>
        {statistic.function !== 'count' && (
          <Field label={w('of_property')} wrong={fault('rule.statistic.property')}>
            <Select aria-label={w('of_property')} showSearch={{ optionFilterProp: 'label' }} disabled={!able} value={statistic.property || undefined} style={{ minWidth: 160 }} onChange={(property: string) => set({ property })} options={[...new Set([statistic.property ?? '', ...(properties.data ?? []).map((one) => one.name)])].filter(Boolean).map((name) => ({ value: name, label: factLabel(name, lang) }))} />
          </Field>
        )}
        <Field label={w('within')}>
          <Select aria-label={w('within')} disabled={!able} value={event.within ?? ''} style={{ minWidth: 120 }} onChange={(within: string) => set({ event: windowed(event, within) })} options={[...new Set([...SPANS, event.within ?? ''])].map((span) => ({ value: span, label: span ? (lang === 'zh' ? `${span.replace('d', '')} 天` : span.replace('d', ' days')) : w('ever') }))} />
        </Field>
      </div>
    </Panel>
  );
}

// The form beside the canvas: what a node does, and where each of its ways leads.
import { Checkbox, Input, InputNumber, Radio, Select, Switch } from 'antd';
import { Copy, Plus, Trash2, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Channel, Condition, Plan, PlanNode, SplitNode, Template } from '../../../lib/api';
import { useLanguage, useWords } from '../../../lib/i18n';
import { paths } from '../../../lib/paths';
import { countCondition } from '../../../lib/use-facts';
import { channelLabel, purposeLabel } from '../../../lib/vocabulary';
import { Field } from '../../../ui/bits';
import { Button } from '../../../ui/button';
import { ConditionBuilder, type Facts, SpanEdit, StepEdit } from '../../../ui/condition-builder';
import { Go } from '../../../ui/go';
import { common } from '../../../ui/words';
import { ENTRY, connect, findNode, outs, putNode } from '../logic/plan';
import type { PlanFault } from '../logic/validate';
import { jw } from '../words';
import { type CardNames, ICONS, nodeTitle, outLabel } from './node-card';

type Props = {
  plan: Plan; name: string; id: string; facts: Facts; templates: Template[]; faults: PlanFault[]; names: CardNames; still: boolean;
  onPlan: (plan: Plan) => void; onName: (name: string) => void; onClose: () => void; onDelete: (id: string) => void; onDuplicate: (id: string) => void;
};

export function NodePanel(props: Props) {
  const w = useWords(jw);
  const c = useWords(common);
  const lang = useLanguage();
  const node = props.id === ENTRY ? null : findNode(props.plan, props.id);
  if (node === undefined) return null;
  const Icon = node ? ICONS[node.type] : ICONS.entry;
  const own = props.faults.filter((one) => one.node === props.id);
  return (
    <aside className="side-panel" aria-label={node ? nodeTitle(node, w, lang) : w('panel_entry')}>
      <header>
        <Icon size={14} aria-hidden />
        <h2 className="h grow cut">{node ? nodeTitle(node, w, lang) : w('panel_entry')}</h2>
        {node && !props.still && (
          <>
            <button type="button" className="icon-button" aria-label={w('duplicate_node')} title={w('duplicate_node')} onClick={() => props.onDuplicate(node.id)}>
              <Copy size={14} aria-hidden />
            </button>
            <button type="button" className="icon-button" aria-label={w('delete_node')} title={w('delete_node')} onClick={() => props.onDelete(node.id)}>
              <Trash2 size={14} aria-hidden />
            </button>
          </>
        )}
        <button type="button" className="icon-button" aria-label={c('close')} onClick={props.onClose}>
          <X size={15} aria-hidden />
        </button>
      </header>
      <fieldset className="inner" disabled={props.still} style={{ border: 0, margin: 0, minWidth: 0 }}>
        {own.length > 0 && (
          <ul className="note-box warn" aria-live="polite">
            {own.map((one, i) => (
              <li key={i}>{w(`fault_${one.code}`, one.params)}</li>
            ))}
          </ul>
        )}
        {node ? <NodeForm {...props} node={node} /> : <EntryForm {...props} />}
        {node && <Ways {...props} node={node} />}
      </fieldset>
    </aside>
  );
}

function NodeForm({ node, plan, facts, templates, onPlan }: Props & { node: PlanNode }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const put = (next: PlanNode) => onPlan(putNode(plan, next));
  switch (node.type) {
    case 'wait':
      return (
        <Labelled label={w('wait_for')}>
          <SpanEdit value={node.for} onChange={(next) => put({ ...node, for: next })} label={w('wait_for')} />
        </Labelled>
      );
    case 'wait_until':
      return (
        <>
          <Labelled label={w('until_event')}>
            <StepEdit step={node.event} facts={facts} onChange={(event) => put({ ...node, event })} />
          </Labelled>
          <Labelled label={w('timeout')}>
            <SpanEdit value={node.timeout} onChange={(timeout) => put({ ...node, timeout })} label={w('timeout')} />
          </Labelled>
        </>
      );
    case 'send':
      return (
        <>
          <Field label={w('channel')}>
            <Select value={node.channel} onChange={(channel: Channel) => put({ ...node, channel, template: '' })} options={(['email', 'sms', 'webhook'] as const).map((one) => ({ value: one, label: channelLabel(one, lang) }))} />
          </Field>
          <Field label={w('template')} help={<span className="row">{node.template && <Go to={paths.template(node.template)}>{w('template_open')}</Go>}<Go to={paths.templateNew} search={{ channel: node.channel }}>{w('template_new')}</Go></span>}>
            <Select
              value={node.template || undefined}
              placeholder={w('template_choose')}
              showSearch={{ optionFilterProp: 'label' }}
              onChange={(template: string) => put({ ...node, template })}
              options={templates.filter((one) => one.channel === node.channel).map((one) => ({ value: one.id, label: one.name }))}
            />
          </Field>
          <Field label={w('purpose')} help={w('purpose_help')}>
            <Select value={node.purpose} onChange={(purpose: string) => put({ ...node, purpose })} options={['marketing', 'service', 'transactional'].map((one) => ({ value: one, label: purposeLabel(one, lang) }))} />
          </Field>
        </>
      );
    case 'branch':
      return <BranchForm node={node} facts={facts} put={put} />;
    case 'split':
      return <SplitForm node={node} put={put} />;
    case 'exit':
      return <p className="soft">{w('exit_text')}</p>;
  }
}

function BranchForm({ node, facts, put }: { node: Extract<PlanNode, { type: 'branch' }>; facts: Facts; put: (node: PlanNode) => void }) {
  const w = useWords(jw);
  const set = (i: number, patch: { name?: string; condition?: Condition }) => put({ ...node, branches: node.branches.map((one, j) => (j === i ? { ...one, ...patch } : one)) });
  return (
    <>
      <p className="dim small">{w('branch_first')}</p>
      {node.branches.map((branch, i) => (
        <div key={i} className="stack tight" style={{ borderTop: '1px solid var(--line-soft)', paddingTop: 10 }}>
          <div className="row">
            <Input size="small" aria-label={w('branch_name')} value={branch.name} onChange={(e) => set(i, { name: e.target.value })} />
            <button type="button" className="icon-button" aria-label={w('remove')} title={w('remove')} disabled={node.branches.length < 2} onClick={() => put({ ...node, branches: node.branches.filter((_, j) => j !== i) })}>
              <Trash2 size={13} aria-hidden />
            </button>
          </div>
          <ConditionBuilder value={branch.condition} onChange={(condition) => set(i, { condition })} facts={facts} count={countCondition} reading={false} />
        </div>
      ))}
      <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => put({ ...node, branches: [...node.branches, { name: w('branch_n', { n: node.branches.length + 1 }), condition: { all: [] }, next: null }] })}>
        {w('add_branch')}
      </Button>
    </>
  );
}

function SplitForm({ node, put }: { node: SplitNode; put: (node: PlanNode) => void }) {
  const w = useWords(jw);
  const sum = node.arms.reduce((total, arm) => total + arm.weight, 0);
  const set = (i: number, patch: Partial<SplitNode['arms'][number]>) => put({ ...node, arms: node.arms.map((one, j) => (j === i ? { ...one, ...patch } : one)) });
  const free = (arms: SplitNode['arms']) => [...'abcdefghijklmnopqrstuvwxyz'].find((key) => !arms.some((arm) => arm.key === key)) ?? `a${arms.length}`;
  return (
    <>
      <div className="stack tight">
        {node.arms.map((arm, i) => (
          <div key={i} className="row">
            <Input size="small" aria-label={`${w('arm_name')} ${i + 1}`} value={arm.name} onChange={(e) => set(i, { name: e.target.value })} />
            <InputNumber size="small" aria-label={`${w('weight')} ${i + 1}`} min={0} max={100} value={arm.weight} suffix="%" style={{ width: 78, flex: 'none' }} onChange={(next) => set(i, { weight: next ?? 0 })} controls={false} />
            <Checkbox checked={arm.control} onChange={(e) => set(i, { control: e.target.checked, next: e.target.checked ? null : arm.next })} style={{ whiteSpace: 'nowrap' }}>
              {w('control')}
            </Checkbox>
            <button type="button" className="icon-button" aria-label={w('remove')} title={w('remove')} disabled={node.arms.length < 3} onClick={() => put({ ...node, arms: node.arms.filter((_, j) => j !== i) })}>
              <Trash2 size={13} aria-hidden />
            </button>
          </div>
        ))}
      </div>
      <div className="row">
        <Button size="small" type="dashed" icon={<Plus size={13} />} onClick={() => put({ ...node, arms: [...node.arms, { key: free(node.arms), name: w('arm_n', { n: node.arms.length + 1 }), weight: 0, control: false, next: null }] })}>
          {w('add_arm')}
        </Button>
        <span className="grow" />
        <span className="small" style={{ color: sum === 100 ? 'var(--ink-3)' : 'var(--bad)' }}>{w('weights_sum', { sum })}</span>
      </div>
      <p className="dim small">{w('control_help')}</p>
    </>
  );
}

/** Connections by choosing: the keyboard's way of drawing a line. */
function Ways({ node, plan, names, onPlan }: Props & { node: PlanNode }) {
  const w = useWords(jw);
  const lang = useLanguage();
  const ways = outs(node);
  if (ways.length === 0) return null;
  const options = [{ value: '', label: w('end_here') }, ...plan.nodes.filter((one) => one.id !== node.id).map((one) => ({ value: one.id, label: label(one, lang, w, names) }))];
  return (
    <div className="stack tight" style={{ borderTop: '1px solid var(--line-soft)', paddingTop: 12 }}>
      {ways.map((out) => (
        <Field key={out.key} label={out.label ? w('goes_to', { label: outLabel(out, w) }) : w('next')}>
          <Select size="small" value={out.to ?? ''} options={options} onChange={(to: string) => onPlan(connect(plan, node.id, out.key, to || null))} />
        </Field>
      ))}
    </div>
  );
}

function label(node: PlanNode, lang: 'zh' | 'en', w: ReturnType<typeof useWords<typeof jw.words>>, names: CardNames): string {
  const tail = node.type === 'send' && node.template ? ` · ${names.template(node.template) ?? ''}` : node.type === 'wait' ? ` · ${node.for}` : '';
  return `${nodeTitle(node, w, lang)}${tail} (${node.id})`;
}

function EntryForm({ plan, name, facts, onPlan, onName }: Props) {
  const w = useWords(jw);
  const how = 'event' in plan.entry ? 'event' : 'segment';
  const again = typeof plan.reentry === 'object' ? 'after' : plan.reentry;
  return (
    <>
      <Field label={w('name')}>
        <Input value={name} onChange={(e) => onName(e.target.value)} />
      </Field>
      <Labelled label={w('entry_how')}>
        <Radio.Group size="small" optionType="button" value={how} onChange={(e) => onPlan({ ...plan, entry: e.target.value === 'event' ? { event: { name: '' } } : { segment: '', include_present: true } })} options={[{ value: 'segment', label: w('by_segment') }, { value: 'event', label: w('by_event') }]} />
      </Labelled>
      {'event' in plan.entry ? (
        <Labelled label={w('event')}>
          <StepEdit step={plan.entry.event} facts={facts} onChange={(event) => onPlan({ ...plan, entry: { event } })} />
        </Labelled>
      ) : (
        <>
          <Field label={w('segment')}>
            <Select
              value={plan.entry.segment || undefined}
              placeholder={w('segment_choose')}
              showSearch={{ optionFilterProp: 'label' }}
              onChange={(segment: string) => onPlan({ ...plan, entry: { ...plan.entry, segment } as Plan['entry'] })}
              options={facts.segments.map((one) => ({ value: one.id, label: one.count === undefined ? one.name : `${one.name} (${one.count})` }))}
            />
          </Field>
          <Checkbox checked={plan.entry.include_present ?? false} onChange={(e) => onPlan({ ...plan, entry: { ...plan.entry, include_present: e.target.checked } as Plan['entry'] })}>
            {w('include_present')}
          </Checkbox>
        </>
      )}
      <Field label={w('reentry')}>
        <Select value={again} onChange={(next: string) => onPlan({ ...plan, reentry: next === 'after' ? { after: '30d' } : (next as 'never') })} options={(['never', 'after_exit', 'after'] as const).map((one) => ({ value: one, label: w(`reentry_${one}`) }))} />
      </Field>
      {typeof plan.reentry === 'object' && (
        <Labelled label={w('reentry_span')}>
          <SpanEdit value={plan.reentry.after} onChange={(after) => onPlan({ ...plan, reentry: { after } })} label={w('reentry_span')} />
        </Labelled>
      )}
      <div className="stack tight" style={{ borderTop: '1px solid var(--line-soft)', paddingTop: 12 }}>
        <label className="row">
          <Switch size="small" checked={plan.goal !== null} onChange={(on) => onPlan({ ...plan, goal: on ? { event: { name: '' }, within: '14d', exit: true } : null })} />
          {w('goal_on')}
        </label>
        {plan.goal && (
          <>
            <Labelled label={w('goal')}>
              <StepEdit step={plan.goal.event} facts={facts} onChange={(event) => onPlan({ ...plan, goal: { ...plan.goal!, event } })} />
            </Labelled>
            <Labelled label={w('goal_within')}>
              <SpanEdit value={plan.goal.within} onChange={(within) => onPlan({ ...plan, goal: { ...plan.goal!, within } })} label={w('goal_within')} />
            </Labelled>
            <Checkbox checked={plan.goal.exit} onChange={(e) => onPlan({ ...plan, goal: { ...plan.goal!, exit: e.target.checked } })}>
              {w('goal_exit')}
            </Checkbox>
          </>
        )}
      </div>
      <div className="stack tight" style={{ borderTop: '1px solid var(--line-soft)', paddingTop: 12 }}>
        <label className="row">
          <Switch size="small" checked={(plan.exit ?? []).length > 0} onChange={(on) => onPlan({ ...plan, exit: on ? [{ all: [{ not: { consent: { purpose: 'marketing' } } }] }] : [] })} />
          {w('exit_on')}
        </label>
        {(plan.exit ?? []).map((condition, i) => (
          <ConditionBuilder key={i} value={condition} facts={facts} reading={false} onChange={(next) => onPlan({ ...plan, exit: plan.exit!.map((one, j) => (j === i ? next : one)) })} />
        ))}
      </div>
    </>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="field" role="group" aria-label={label}>
      <div className="label">{label}</div>
      {children}
    </div>
  );
}

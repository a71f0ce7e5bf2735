// What keeps a plan from being published, and where: every fault names its node.
import type { Condition, Plan, PlanNode } from '../../../lib/api';
import { faults as conditionFaults, isSpan, size } from '../../../ui/condition-builder';
import { ENTRY, findNode, links, outs, reachable } from './plan';

export type FaultCode =
  | 'no_start' | 'no_entry' | 'no_goal_event' | 'goal_window' | 'reentry_span' | 'bad_span' | 'no_event' | 'no_template' | 'weights' | 'weight_zero' | 'one_arm' | 'no_branch' | 'empty_condition' | 'bad_condition' | 'unreachable' | 'dangling' | 'loop_without_wait' | 'duplicate_arm' | 'two_controls' | 'control_goes_on' | 'no_channel' | 'segment_gone' | 'template_gone' | 'template_channel' | 'server';
export type PlanFault = { node: string; code: FaultCode; grave: boolean; params?: { [key: string]: string | number } };

const fault = (node: string, code: FaultCode, params?: PlanFault['params']): PlanFault => ({ node, code, grave: true, params });

export function validate(plan: Plan): PlanFault[] {
  const found: PlanFault[] = [...entryFaults(plan)];
  if (!plan.start || !findNode(plan, plan.start)) found.push(fault(ENTRY, 'no_start'));
  const near = reachable(plan);
  for (const node of plan.nodes) {
    found.push(...nodeFaults(node));
    for (const out of outs(node)) if (out.to && !findNode(plan, out.to)) found.push(fault(node.id, 'dangling'));
    if (!near.has(node.id)) found.push(fault(node.id, 'unreachable'));
  }
  for (const id of restlessLoops(plan)) found.push(fault(id, 'loop_without_wait'));
  return found;
}

function entryFaults(plan: Plan): PlanFault[] {
  const found: PlanFault[] = [];
  if ('event' in plan.entry ? !plan.entry.event.name : !plan.entry.segment) found.push(fault(ENTRY, 'no_entry'));
  if (plan.goal) {
    if (!plan.goal.event.name) found.push(fault(ENTRY, 'no_goal_event'));
    if (!isSpan(plan.goal.within)) found.push(fault(ENTRY, 'goal_window'));
  }
  if (typeof plan.reentry === 'object' && !isSpan(plan.reentry.after)) found.push(fault(ENTRY, 'reentry_span'));
  if ((plan.exit ?? []).some((condition) => !whole(condition))) found.push(fault(ENTRY, 'bad_condition'));
  return found;
}

const whole = (condition: Condition) => Object.keys(conditionFaults(condition)).length === 0;

function nodeFaults(node: PlanNode): PlanFault[] {
  switch (node.type) {
    case 'wait':
      return isSpan(node.for) ? [] : [fault(node.id, 'bad_span')];
    case 'wait_until':
      return [...(node.event.name ? [] : [fault(node.id, 'no_event')]), ...(isSpan(node.timeout) ? [] : [fault(node.id, 'bad_span')])];
    case 'send':
      return node.template ? [] : [fault(node.id, 'no_template')];
    case 'branch':
      return [
        ...(node.branches.length === 0 ? [fault(node.id, 'no_branch')] : []),
        ...node.branches.flatMap((branch) => (size(branch.condition) === 0 ? [fault(node.id, 'empty_condition', { name: branch.name })] : whole(branch.condition) ? [] : [fault(node.id, 'bad_condition', { name: branch.name })])),
      ];
    case 'split': {
      const sum = node.arms.reduce((total, arm) => total + arm.weight, 0);
      return [
        ...(sum === 100 ? [] : [fault(node.id, 'weights', { sum })]),
        ...(node.arms.length < 2 ? [fault(node.id, 'one_arm')] : []),
        ...(node.arms.some((arm) => arm.weight <= 0) ? [fault(node.id, 'weight_zero')] : []),
        ...(node.arms.filter((arm) => arm.control).length > 1 ? [fault(node.id, 'two_controls')] : []),
        ...(node.arms.some((arm) => arm.control && arm.next) ? [fault(node.id, 'control_goes_on')] : []),
        ...(new Set(node.arms.map((arm) => arm.key)).size < node.arms.length ? [fault(node.id, 'duplicate_arm')] : []),
      ];
    }
    case 'exit':
      return [];
  }
}

/** Nodes on a circle on which nothing waits: people would run round it without end. */
function restlessLoops(plan: Plan): string[] {
  const waits = new Set(plan.nodes.filter((node) => node.type === 'wait' || node.type === 'wait_until').map((node) => node.id));
  const next = new Map<string, string[]>();
  for (const link of links(plan)) if (!waits.has(link.from) && !waits.has(link.to)) next.set(link.from, [...(next.get(link.from) ?? []), link.to]);
  const bad: string[] = [];
  for (const start of next.keys()) {
    const seen = new Set<string>();
    const queue = [...(next.get(start) ?? [])];
    while (queue.length > 0) {
      const id = queue.pop()!;
      if (id === start) {
        bad.push(start);
        break;
      }
      if (seen.has(id)) continue;
      seen.add(id);
      queue.push(...(next.get(id) ?? []));
    }
  }
  return bad;
}

/** What the server says of a node, and the word for it. */
const SAID: { [text: string]: FaultCode } = {
  'names a node that does not exist': 'no_start', 'the journey has no first step': 'no_start', 'leads to a node that does not exist': 'dangling',
  'write a duration such as 7d, 12h or 30m': 'bad_span', 'name an event': 'no_event', 'a branch needs a condition': 'no_branch', 'choose a template': 'no_template', 'choose a channel: email, sms or webhook': 'no_channel',
  'a split needs two arms or more, each with a key of its own': 'one_arm', 'the weights sum up to nothing': 'weight_zero', 'only one arm can be the control group': 'two_controls', 'the control group gets nothing: its arm must end here': 'control_goes_on',
  'cannot be reached': 'unreachable', 'goes in a circle without waiting': 'loop_without_wait', 'names a segment that does not exist': 'segment_gone', 'names a template that does not exist': 'template_gone', 'the template is for another channel': 'template_channel',
};
const AT_ENTRY: { [field: string]: FaultCode } = { goal: 'goal_window', reentry: 'reentry_span' };

/** The server's `fields` (`nodes/n3`, `goal`) as faults of the canvas. */
export function serverFaults(fields: { [path: string]: string }): PlanFault[] {
  return Object.entries(fields).map(([path, detail]) => {
    const node = /^nodes\/([^/]+)/.exec(path)?.[1];
    const said = SAID[detail];
    const code = node ? (said ?? (detail.startsWith('/') ? 'bad_condition' : 'server')) : path === 'entry' && said === 'no_event' ? 'no_entry' : said === 'bad_span' || !said ? (AT_ENTRY[path] ?? 'bad_condition') : said === 'no_event' ? 'no_goal_event' : said;
    return { node: node ?? ENTRY, code, grave: true, params: { detail } };
  });
}

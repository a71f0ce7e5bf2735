// The plan as a graph: its ways out, and edits that leave the old plan untouched.
import type { Channel, Plan, PlanNode } from '../../../lib/api';

export const ENTRY = 'entry';
export type NodeType = PlanNode['type'];
export const NODE_TYPES: NodeType[] = ['send', 'wait', 'wait_until', 'branch', 'split', 'exit'];
export type Out = { key: string; label: string; to: string | null };

/** Every way out of a node, in the order they are drawn. */
export function outs(node: PlanNode): Out[] {
  switch (node.type) {
    case 'wait':
    case 'send':
      return [{ key: 'next', label: '', to: node.next }];
    case 'wait_until':
      return [
        { key: 'next', label: 'happened', to: node.next },
        { key: 'on_timeout', label: 'timeout', to: node.on_timeout },
      ];
    case 'branch':
      return [...node.branches.map((branch, i) => ({ key: `branch:${i}`, label: branch.name, to: branch.next })), { key: 'otherwise', label: 'otherwise', to: node.otherwise }];
    case 'split':
      return node.arms.map((arm, i) => ({ key: `arm:${i}`, label: arm.name, to: arm.next }));
    case 'exit':
      return [];
  }
}

function aim(node: PlanNode, key: string, to: string | null): PlanNode {
  if (node.type === 'branch') {
    if (key === 'otherwise') return { ...node, otherwise: to };
    const i = Number(key.split(':')[1]);
    return { ...node, branches: node.branches.map((branch, j) => (j === i ? { ...branch, next: to } : branch)) };
  }
  if (node.type === 'split') {
    const i = Number(key.split(':')[1]);
    return { ...node, arms: node.arms.map((arm, j) => (j === i ? { ...arm, next: to } : arm)) };
  }
  if (node.type === 'wait_until' && key === 'on_timeout') return { ...node, on_timeout: to };
  if (node.type === 'exit') return node;
  return { ...node, next: to } as PlanNode;
}

export function findNode(plan: Plan, id: string): PlanNode | undefined {
  return plan.nodes.find((node) => node.id === id);
}

export function putNode(plan: Plan, node: PlanNode): Plan {
  return { ...plan, nodes: plan.nodes.map((one) => (one.id === node.id ? node : one)) };
}

export function connect(plan: Plan, from: string, key: string, to: string | null): Plan {
  if (from === to) return plan;
  if (from === ENTRY) return { ...plan, start: to };
  const node = findNode(plan, from);
  return node ? putNode(plan, aim(node, key, to)) : plan;
}

export type Link = { from: string; key: string; to: string };
export function links(plan: Plan): Link[] {
  const found: Link[] = plan.start ? [{ from: ENTRY, key: 'next', to: plan.start }] : [];
  for (const node of plan.nodes) for (const out of outs(node)) if (out.to) found.push({ from: node.id, key: out.key, to: out.to });
  return found.filter((link) => findNode(plan, link.to));
}

/** Takes nodes away. A node with one way out is bridged, so that the line does not break. */
export function removeNodes(plan: Plan, ids: string[]): Plan {
  const gone = new Set(ids);
  const through = (id: string | null, seen = new Set<string>()): string | null => {
    if (!id || !gone.has(id) || seen.has(id)) return id && gone.has(id) ? null : id;
    seen.add(id);
    const node = findNode(plan, id);
    const ways = node ? outs(node) : [];
    return ways.length === 1 ? through(ways[0]!.to, seen) : null;
  };
  let next: Plan = { ...plan, start: through(plan.start), nodes: plan.nodes.filter((node) => !gone.has(node.id)) };
  for (const node of next.nodes) for (const out of outs(node)) if (out.to && gone.has(out.to)) next = connect(next, node.id, out.key, through(out.to));
  return next;
}

export function freeId(plan: Plan): string {
  const taken = new Set(plan.nodes.map((node) => node.id));
  let n = plan.nodes.length + 1;
  while (taken.has(`n${n}`)) n += 1;
  return `n${n}`;
}

export type Names = { arm: string; control: string; branch: string };

export function makeNode(type: NodeType, id: string, names: Names): PlanNode {
  switch (type) {
    case 'wait':
      return { id, type, for: '1d', next: null };
    case 'wait_until':
      return { id, type, event: { name: '' }, timeout: '3d', next: null, on_timeout: null };
    case 'branch':
      return { id, type, branches: [{ name: names.branch, condition: { all: [] }, next: null }], otherwise: null };
    case 'split':
      return { id, type, arms: [{ key: 'a', name: names.arm, weight: 80, control: false, next: null }, { key: 'control', name: names.control, weight: 20, control: true, next: null }] };
    case 'send':
      return { id, type, channel: 'email', template: '', purpose: 'marketing', next: null };
    case 'exit':
      return { id, type };
  }
}

/** Adds a node after another one's first open (or only) way out, taking over what stood there; or loose, at a place. */
export function addNode(plan: Plan, node: PlanNode, after?: string | null, place?: { x: number; y: number }): Plan {
  const placed = place ? { ...node, ...place } : node;
  const grown: Plan = { ...plan, nodes: [...plan.nodes, placed] };
  if (plan.nodes.length === 0) return { ...grown, start: node.id };
  if (!after) return grown;
  if (after === ENTRY) return takeOver(grown, ENTRY, 'next', plan.start, node.id);
  const before = findNode(plan, after);
  if (!before) return grown;
  const ways = outs(before);
  const out = ways.find((way) => !way.to) ?? ways[0];
  return out ? takeOver(grown, after, out.key, out.to, node.id) : grown;
}

function takeOver(plan: Plan, from: string, key: string, old: string | null, id: string): Plan {
  let next = connect(plan, from, key, id);
  const node = findNode(next, id)!;
  const first = outs(node)[0];
  if (old && first && !first.to) next = connect(next, id, first.key, old);
  return next;
}

/** A copy beside the original, without its connections. */
export function duplicateNode(plan: Plan, id: string): { plan: Plan; id: string } | null {
  const node = findNode(plan, id);
  if (!node) return null;
  const fresh = freeId(plan);
  let copy: PlanNode = { ...structuredClone(node), id: fresh, x: (node.x ?? 0) + 40, y: (node.y ?? 0) + 60 };
  for (const out of outs(copy)) copy = aim(copy, out.key, null);
  return { plan: { ...plan, nodes: [...plan.nodes, copy] }, id: fresh };
}

/** What can be reached from the entry. */
export function reachable(plan: Plan): Set<string> {
  const seen = new Set<string>();
  const queue = plan.start ? [plan.start] : [];
  while (queue.length > 0) {
    const id = queue.shift()!;
    if (seen.has(id)) continue;
    seen.add(id);
    const node = findNode(plan, id);
    if (node) for (const out of outs(node)) if (out.to) queue.push(out.to);
  }
  return seen;
}

/** The share of people that arms marked as control keep from being written to, when the journey begins with a split. */
export function controlShare(plan: Plan): number {
  const first = plan.start ? findNode(plan, plan.start) : undefined;
  if (first?.type !== 'split') return 0;
  const total = first.arms.reduce((sum, arm) => sum + arm.weight, 0);
  return total > 0 ? first.arms.filter((arm) => arm.control).reduce((sum, arm) => sum + arm.weight, 0) / total : 0;
}

export function channelsOf(plan: Plan): Channel[] {
  const near = reachable(plan);
  return [...new Set(plan.nodes.flatMap((node) => (node.type === 'send' && near.has(node.id) ? [node.channel] : [])))];
}

/** Edge names as the counts speak of them. */
export const edgeKey = (from: string, to: string) => `${from}→${to}`;

// What the draft changes about what runs.
import type { Plan, PlanNode } from '../../../lib/api';

export type Change = 'same' | 'added' | 'changed';

const meaning = ({ x: _x, y: _y, ...rest }: PlanNode) => JSON.stringify(rest, Object.keys(flat(rest)).sort());
function flat(value: unknown, keys: Record<string, true> = {}): Record<string, true> {
  if (value && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) {
      keys[key] = true;
      flat(inner, keys);
    }
  }
  return keys;
}

/** Each node of the draft against what is published, and the names of those that went. Where a node stands does not matter. */
export function diff(draft: Plan, published?: Plan | null): { nodes: { [id: string]: Change }; removed: PlanNode[]; frame: boolean } {
  if (!published) return { nodes: {}, removed: [], frame: false };
  const old = new Map(published.nodes.map((node) => [node.id, node]));
  const nodes: { [id: string]: Change } = {};
  for (const node of draft.nodes) {
    const before = old.get(node.id);
    nodes[node.id] = !before ? 'added' : meaning(before) === meaning(node) ? 'same' : 'changed';
  }
  const kept = new Set(draft.nodes.map((node) => node.id));
  const frameOf = ({ nodes: _nodes, ...rest }: Plan) => JSON.stringify(rest);
  return { nodes, removed: published.nodes.filter((node) => !kept.has(node.id)), frame: frameOf(draft) !== frameOf(published) };
}

// Automatic layout, from top to bottom: every box under the last of those that lead to it, ways out from left to right in their order.

export type Box = { id: string; width: number; height: number };
export type Line = { from: string; to: string };
type Places = { [id: string]: { x: number; y: number } };

const GAP_X = 44;
const GAP_Y = 46;

/** The rank of each box: the longest way to it. Lines that lead back up are not followed. */
function ranks(boxes: Box[], next: Map<string, string[]>): { rank: Map<string, number>; forward: (from: string, to: string) => boolean } {
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<string>();
  const order: string[] = [];
  const visit = (id: string) => {
    state.set(id, 'open');
    for (const to of next.get(id) ?? []) {
      if (state.get(to) === 'open') back.add(`${id}|${to}`);
      else if (!state.has(to)) visit(to);
    }
    state.set(id, 'done');
    order.unshift(id);
  };
  for (const box of boxes) if (!state.has(box.id)) visit(box.id);
  const forward = (from: string, to: string) => !back.has(`${from}|${to}`);
  const rank = new Map<string, number>(boxes.map((box) => [box.id, 0]));
  for (const id of order) for (const to of next.get(id) ?? []) if (forward(id, to)) rank.set(to, Math.max(rank.get(to)!, rank.get(id)! + 1));
  return { rank, forward };
}

export function layout(boxes: Box[], lines: Line[]): Places {
  const known = new Map(boxes.map((box) => [box.id, box]));
  const next = new Map<string, string[]>();
  for (const line of lines) if (known.has(line.from) && known.has(line.to) && !(next.get(line.from) ?? []).includes(line.to)) next.set(line.from, [...(next.get(line.from) ?? []), line.to]);
  const { rank, forward } = ranks(boxes, next);

  // A tree: each box belongs to the first of the lowest boxes above it.
  const parent = new Map<string, string>();
  for (const [from, tos] of next) {
    for (const to of tos) {
      const now = parent.get(to);
      if (forward(from, to) && rank.get(from)! < rank.get(to)! && (now === undefined || rank.get(from)! > rank.get(now)!)) parent.set(to, from);
    }
  }
  const children = (id: string) => (next.get(id) ?? []).filter((to) => parent.get(to) === id);

  const heights: number[] = [];
  for (const box of boxes) heights[rank.get(box.id)!] = Math.max(heights[rank.get(box.id)!] ?? 0, box.height);
  const top = heights.map((_, i) => heights.slice(0, i).reduce((sum, height) => sum + height + GAP_Y, 20));

  // Whoever stands alone in its branch stands in the middle of it; a branch is as wide as its widest rank of boxes.
  const span = (id: string): number => Math.max(known.get(id)!.width, children(id).reduce((sum, child, i) => sum + span(child) + (i > 0 ? GAP_X : 0), 0));
  const places: Places = {};
  const put = (id: string, left: number) => {
    const box = known.get(id)!;
    const own = span(id);
    places[id] = { x: Math.round(left + (own - box.width) / 2), y: Math.round(top[rank.get(id)!]!) };
    const wide = children(id).reduce((sum, child, i) => sum + span(child) + (i > 0 ? GAP_X : 0), 0);
    let at = left + (own - wide) / 2;
    for (const child of children(id)) {
      put(child, at);
      at += span(child) + GAP_X;
    }
  };
  let left = 20;
  for (const box of boxes) {
    if (parent.has(box.id)) continue;
    put(box.id, left);
    left += span(box.id) + GAP_X;
  }
  return places;
}

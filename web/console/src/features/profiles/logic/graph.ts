// Where the identifiers of a person stand in the picture.
import type { Identifier, Identity, IdentityNode } from '../../../lib/api';

export const nodeKey = (of: Identifier) => `${of.type}\u0000${of.value}`;

export type Place = { node: IdentityNode; x: number; y: number };
export type Line = { from: string; to: string; x1: number; y1: number; x2: number; y2: number };

/** Beyond this a picture says no more than the list beside it. */
export const MOST_DRAWN = 30;
const AROUND = 11;

/** The heaviest in the middle, the others on one ring or two. */
export function layout(identity: Identity): { places: Place[]; lines: Line[]; width: number; height: number } {
  const nodes = [...identity.identifiers].sort((a, b) => b.weight - a.weight).slice(0, MOST_DRAWN);
  const rings = nodes.length - 1 > AROUND ? 2 : 1;
  const [width, height] = rings === 2 ? [760, 560] : nodes.length < 3 ? [480, 180] : nodes.length < 4 ? [560, 200] : [560, 380];
  const middle = { x: width / 2, y: height / 2 - 18 };
  const places = nodes.map((node, i): Place => {
    if (i === 0 && nodes.length !== 2) return { node, ...middle };
    if (nodes.length === 2) return { node, x: width * (i === 0 ? 0.3 : 0.7), y: middle.y };
    const outer = rings === 2 && i > AROUND;
    const [first, count] = outer ? [AROUND + 1, nodes.length - AROUND - 1] : [1, Math.min(nodes.length - 1, AROUND)];
    const angle = ((i - first) / count) * 2 * Math.PI + Math.PI;
    const share = rings === 2 && !outer ? 0.5 : 1;
    return { node, x: middle.x + Math.cos(angle) * share * (width / 2 - 70), y: middle.y + Math.sin(angle) * share * (height / 2 - 55) };
  });
  const at = new Map(places.map((place) => [nodeKey(place.node), place]));
  const lines = identity.links.flatMap((link): Line[] => {
    const [a, b] = [link.a && at.get(nodeKey(link.a)), link.b && at.get(nodeKey(link.b))];
    return a && b ? [{ from: nodeKey(a.node), to: nodeKey(b.node), x1: a.x, y1: a.y, x2: b.x, y2: b.y }] : [];
  });
  return { places, lines, width, height };
}

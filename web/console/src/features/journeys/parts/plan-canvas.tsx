// A plan on the canvas: cards, connections, numbers, differences, and one person's way.
import type { KeyboardEvent, ReactNode } from 'react';
import { useMemo } from 'react';
import type { Counts, Plan } from '../../../lib/api';
import { number } from '../../../lib/format';
import { useLanguage, useWords } from '../../../lib/i18n';
import { Canvas, type CanvasEdge, type CanvasNode, layout } from '../../../ui/canvas';
import type { Change } from '../logic/diff';
import { ENTRY, edgeKey, links, outs } from '../logic/plan';
import { type CardNames, EntryCard, NodeCard, entryText, nodeText, nodeTitle, outLabels } from './node-card';
import { jw } from '../words';

/** Room for a card before it has been measured. */
const heightOf = (plan: Plan, id: string) => {
  if (id === ENTRY) return plan.goal ? 134 : 112;
  const node = plan.nodes.find((one) => one.id === id);
  return 104 + (node && outs(node).length > 1 ? 24 : 0);
};

export function tidy(plan: Plan): Plan {
  const places = layout(
    [ENTRY, ...plan.nodes.map((node) => node.id)].map((id) => ({ id, width: 216, height: heightOf(plan, id) })),
    links(plan),
  );
  return { ...plan, nodes: plan.nodes.map((node) => ({ ...node, ...places[node.id] })) };
}

/** Places for nodes that have none yet. */
export function placed(plan: Plan): Plan {
  return plan.nodes.every((node) => node.x !== undefined && node.y !== undefined) ? plan : tidy(plan);
}

export type Walk = { nodes: Set<string>; edges: Set<string> };

type Props = {
  plan: Plan;
  names: CardNames;
  counts?: Counts;
  changes?: { [id: string]: Change };
  wrong?: Set<string>;
  walk?: Walk;
  selected: string | null;
  onSelect: (id: string | null) => void;
  edit?: {
    move: (moved: { [id: string]: { x: number; y: number } }) => void;
    connect: (from: string, key: string, to: string | null) => void;
    remove: (ids: string[]) => void;
    drop: (kind: string, place: { x: number; y: number }) => void;
    key: (event: KeyboardEvent) => void;
  };
  fitKey?: string | number;
  focus?: string | null;
  map?: boolean;
  children?: ReactNode;
};

export function PlanCanvas({ plan, names, counts, changes, wrong, walk, selected, onSelect, edit, fitKey, focus, map, children }: Props) {
  const w = useWords(jw);
  const lang = useLanguage();
  const nodes = useMemo<CanvasNode[]>(() => {
    const tone = (id: string) => [wrong?.has(id) ? 'wrong' : '', changes?.[id] && changes[id] !== 'same' ? changes[id] : '', walk ? (walk.nodes.has(id) ? 'walked' : 'dimmed') : ''].join(' ');
    const first = plan.nodes.find((node) => node.id === plan.start) ?? plan.nodes[0];
    const entry: CanvasNode = {
      id: ENTRY,
      x: first?.x ?? 0,
      y: (first?.y ?? 0) - (plan.goal ? 186 : 160),
      label: `${w('node_entry')}: ${entryText(plan, w, lang, names)}`,
      content: <EntryCard plan={plan} names={names} entered={counts?.entered} />,
      outs: [{ key: 'next', label: '' }],
      entry: true,
      still: true,
      className: `jn entry ${tone(ENTRY)}`,
    };
    return [
      entry,
      ...plan.nodes.map((node) => ({
        id: node.id,
        x: node.x ?? 0,
        y: node.y ?? 0,
        label: `${nodeTitle(node, w, lang)}: ${nodeText(node, w, lang, names)}`,
        content: <NodeCard node={node} names={names} counts={counts} />,
        outs: outLabels(node, w),
        className: `jn ${node.type} ${tone(node.id)}`,
      })),
    ];
  }, [plan, names, counts, changes, wrong, walk, w, lang]);
  const edges = useMemo<CanvasEdge[]>(
    () =>
      links(plan).map(({ from, key, to }) => {
        const count = from === ENTRY ? counts?.entered || undefined : counts?.edges[edgeKey(from, to)];
        return { from, key, to, label: count === undefined ? undefined : number(count, lang), tone: walk ? (walk.edges.has(edgeKey(from, to)) ? 'strong' : 'faint') : undefined };
      }),
    [plan, counts, walk, lang],
  );
  return (
    <Canvas
      nodes={nodes}
      edges={edges}
      selected={selected}
      onSelect={onSelect}
      onMove={edit?.move}
      onConnect={edit ? (from, key, to) => edit.connect(from, key, to) : undefined}
      onDisconnect={edit ? (from, key) => edit.connect(from, key, null) : undefined}
      onDelete={edit?.remove}
      onDrop={edit?.drop}
      onKey={edit?.key}
      fitKey={fitKey}
      focus={focus}
      map={map}
      words={{ map: w('map'), controls: w('controls'), zoomIn: w('zoom_in'), zoomOut: w('zoom_out'), fit: w('fit'), canvas: w('canvas'), nodeHelp: w('node_help'), edgeHelp: w('edge_help') }}
    >
      {children}
    </Canvas>
  );
}

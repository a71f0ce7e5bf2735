// Automatic layout, from top to bottom, by dagre.
import { Graph, layout as run } from '@dagrejs/dagre';

export type Box = { id: string; width: number; height: number };
export type Line = { from: string; to: string };

export function layout(boxes: Box[], lines: Line[]): { [id: string]: { x: number; y: number } } {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'TB', nodesep: 44, ranksep: 42, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.id, { width: box.width, height: box.height });
  for (const line of lines) graph.setEdge(line.from, line.to);
  run(graph);
  const places: { [id: string]: { x: number; y: number } } = {};
  for (const box of boxes) {
    const node = graph.node(box.id) as { x: number; y: number };
    places[box.id] = { x: Math.round(node.x - box.width / 2), y: Math.round(node.y - box.height / 2) };
  }
  return places;
}

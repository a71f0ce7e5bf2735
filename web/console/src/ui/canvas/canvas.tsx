// The canvas pattern: cards and connections that can be dragged, connected, deleted, and used by keyboard.
import {
  Background, type Connection, Controls, type Edge, Handle, MarkerType, MiniMap, type Node, type NodeChange, type NodeProps, Position, ReactFlow, ReactFlowProvider, applyNodeChanges, useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/base.css';
import { type DragEvent, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';

export type CanvasNode = { id: string; x: number; y: number; label: string; content: ReactNode; outs: { key: string; label: string; title?: string }[]; entry?: boolean; still?: boolean; className: string };
export type CanvasEdge = { from: string; key: string; to: string; label?: string; tone?: 'strong' | 'faint' };
export type CanvasWords = { map: string; controls: string; zoomIn: string; zoomOut: string; fit: string; canvas: string; nodeHelp: string; edgeHelp: string };

type Props = {
  nodes: CanvasNode[];
  edges: CanvasEdge[];
  selected: string | null;
  onSelect: (id: string | null) => void;
  onMove?: (moved: { [id: string]: { x: number; y: number } }) => void;
  onConnect?: (from: string, key: string, to: string) => void;
  onDisconnect?: (from: string, key: string) => void;
  onDelete?: (ids: string[]) => void;
  onDrop?: (kind: string, place: { x: number; y: number }) => void;
  onKey?: (event: KeyboardEvent) => void;
  /** Changes when the view should fit the whole again. */
  fitKey?: string | number;
  focus?: string | null;
  map?: boolean;
  words: CanvasWords;
  children?: ReactNode;
};

type Data = { node: CanvasNode; connectable: boolean };
export const DRAG_TYPE = 'application/x-weft-node';
const WIDTH = 216;
/** The tools stand over the top edge. */
const PADDING = { top: '64px', bottom: '24px', left: '24px', right: '24px' } as const;

function Card({ data }: NodeProps<Node<Data>>) {
  const { node, connectable } = data;
  return (
    <div className={node.className}>
      {!node.entry && <Handle type="target" position={Position.Top} isConnectable={connectable} />}
      {node.content}
      {node.outs.length > 1 && (
        <div className="outs">
          {node.outs.map((out) => (
            <span key={out.key} title={out.title ?? out.label}>
              {out.label}
            </span>
          ))}
        </div>
      )}
      {node.outs.map((out, i) => (
        <Handle key={out.key} id={out.key} type="source" position={Position.Bottom} isConnectable={connectable} style={{ left: `${((i + 0.5) / node.outs.length) * 100}%` }} />
      ))}
    </div>
  );
}
const TYPES = { card: Card };

export function Canvas(props: Props) {
  return (
    <ReactFlowProvider>
      <Inner {...props} />
    </ReactFlowProvider>
  );
}

function Inner({ nodes, edges, selected, onSelect, onMove, onConnect, onDisconnect, onDelete, onDrop, onKey, fitKey, focus, map = true, words, children }: Props) {
  const flow = useReactFlow();
  const editable = onMove !== undefined;
  const built = useMemo<Node<Data>[]>(
    () =>
      nodes.map((node) => ({
        id: node.id,
        type: 'card',
        position: { x: node.x, y: node.y },
        data: { node, connectable: onConnect !== undefined },
        selected: node.id === selected,
        draggable: editable && !node.still,
        deletable: editable && !node.still,
        ariaLabel: node.label,
        width: WIDTH,
      })),
    [nodes, selected, editable, onConnect !== undefined],
  );
  // While something is dragged its place is the canvas's own; afterwards the plan's.
  const [drawn, setDrawn] = useState(built);
  const sizes = useRef(new Map<string, { width?: number; height?: number }>());
  useEffect(() => setDrawn(built.map((node) => ({ ...node, measured: sizes.current.get(node.id) }))), [built]);
  const drawnEdges = useMemo<Edge[]>(
    () =>
      edges.map((edge) => ({
        id: `${edge.from}|${edge.key}|${edge.to}`,
        source: edge.from,
        sourceHandle: edge.key,
        target: edge.to,
        type: 'smoothstep',
        label: edge.label,
        labelStyle: { fontSize: 11, fontWeight: 600, fill: 'var(--ink)' },
        labelBgStyle: { fill: 'var(--bg)' },
        labelBgPadding: [5, 2] as [number, number],
        labelBgBorderRadius: 6,
        markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: edge.tone === 'strong' ? 'var(--accent)' : 'var(--ink-3)' },
        style: edge.tone === 'strong' ? { stroke: 'var(--accent)', strokeWidth: 2.5 } : edge.tone === 'faint' ? { opacity: 0.3 } : undefined,
        deletable: onDisconnect !== undefined,
        focusable: onDisconnect !== undefined,
      })),
    [edges, onDisconnect !== undefined],
  );

  useEffect(() => {
    const timer = setTimeout(() => void flow.fitView({ padding: PADDING, maxZoom: 1, duration: 0 }), 60);
    return () => clearTimeout(timer);
  }, [fitKey, flow]);
  useEffect(() => {
    if (focus) void flow.fitView({ nodes: [{ id: focus }], maxZoom: 1, minZoom: 0.7, duration: 250 });
  }, [focus, flow]);

  const change = (changes: NodeChange<Node<Data>>[]) => {
    setDrawn((was) => applyNodeChanges(changes, was));
    for (const one of changes) {
      if (one.type === 'dimensions' && one.dimensions) sizes.current.set(one.id, one.dimensions);
      if (one.type === 'select' && one.selected) onSelect(one.id);
    }
    // Moves by the keyboard come without a drag; they are finished at once.
    const moved = changes.filter((one) => one.type === 'position' && one.position && !one.dragging);
    if (moved.length > 0 && onMove) onMove(Object.fromEntries(moved.map((one) => [one.type === 'position' ? one.id : '', one.type === 'position' ? { x: Math.round(one.position!.x), y: Math.round(one.position!.y) } : { x: 0, y: 0 }])));
  };

  const drop = (event: DragEvent) => {
    const kind = event.dataTransfer.getData(DRAG_TYPE);
    if (!kind || !onDrop) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    onDrop(kind, { x: Math.round(at.x - WIDTH / 2), y: Math.round(at.y - 20) });
  };

  return (
    <div
      className="canvas-view"
      onDrop={drop}
      onDragOver={(event) => {
        if (onDrop) {
          event.preventDefault();
          event.dataTransfer.dropEffect = 'move';
        }
      }}
      onKeyDown={onKey}
    >
      <ReactFlow<Node<Data>>
        aria-label={words.canvas}
        nodes={drawn}
        edges={drawnEdges}
        nodeTypes={TYPES}
        onNodesChange={change}
        onPaneClick={() => onSelect(null)}
        onConnect={(connection: Connection) => onConnect?.(connection.source, connection.sourceHandle ?? 'next', connection.target)}
        onDelete={({ nodes: gone, edges: cut }) => {
          if (gone.length > 0) onDelete?.(gone.map((one) => one.id));
          else cut.forEach((edge) => onDisconnect?.(edge.source, edge.sourceHandle ?? 'next'));
        }}
        deleteKeyCode={editable ? ['Delete', 'Backspace'] : null}
        nodesConnectable={onConnect !== undefined}
        snapToGrid
        snapGrid={[10, 10]}
        minZoom={0.25}
        maxZoom={1.6}
        fitView
        fitViewOptions={{ padding: PADDING, maxZoom: 1 }}
        proOptions={{ hideAttribution: true }}
        disableKeyboardA11y={!editable}
        ariaLabelConfig={{
          'node.a11yDescription.default': words.nodeHelp,
          'node.a11yDescription.keyboardDisabled': words.nodeHelp,
          'edge.a11yDescription.default': words.edgeHelp,
          'node.a11yDescription.ariaLiveMessage': () => '',
          'controls.ariaLabel': words.controls,
          'controls.zoomIn.ariaLabel': words.zoomIn,
          'controls.zoomOut.ariaLabel': words.zoomOut,
          'controls.fitView.ariaLabel': words.fit,
          'minimap.ariaLabel': words.map,
        }}
      >
        <Background gap={20} size={1} />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={{ padding: PADDING, maxZoom: 1 }} />
        {map && <MiniMap pannable zoomable position="bottom-right" style={{ width: 150, height: 96 }} nodeColor="var(--line)" maskColor="color-mix(in srgb, var(--bg) 70%, transparent)" />}
      </ReactFlow>
      {children}
    </div>
  );
}

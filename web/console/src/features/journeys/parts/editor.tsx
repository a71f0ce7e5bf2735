// The canvas with everything around it: palette, tools, numbers, faults, and the form of what is chosen.
import { useQuery } from '@tanstack/react-query';
import { Dropdown, Segmented } from 'antd';
import { Footprints, LayoutGrid, Plus, Redo2, Trash2, Undo2 } from 'lucide-react';
import { type DragEvent, type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { type Journey, type Plan, type Template, call } from '../../../lib/api';
import { useWords } from '../../../lib/i18n';
import { useMay } from '../../../lib/session';
import { useNarrow } from '../../../lib/theme';
import { useFacts } from '../../../lib/use-facts';
import { DRAG_TYPE } from '../../../ui/canvas';
import { common } from '../../../ui/words';
import { diff } from '../logic/diff';
import { ENTRY, NODE_TYPES, type NodeType, addNode, connect, duplicateNode, findNode, freeId, makeNode, removeNodes } from '../logic/plan';
import type { PlanFault } from '../logic/validate';
import { jw } from '../words';
import { type CardNames, ICONS } from './node-card';
import { NodePanel } from './node-panel';
import { PlanCanvas, type Walk, placed, tidy } from './plan-canvas';
import { TryPanel } from './try-panel';

type Props = {
  journey: Journey; name: string; onName: (name: string) => void; plan: Plan; change: (plan: Plan) => void; undo: () => void; redo: () => void; canUndo: boolean; canRedo: boolean;
  faults: PlanFault[]; names: CardNames; templates: Template[]; kept: boolean; onRefused: (fields: { [path: string]: string }) => void;
};

export function Editor({ journey, name, onName, plan, change, undo, redo, canUndo, canRedo, faults, names, templates, kept, onRefused }: Props) {
  const w = useWords(jw);
  const c = useWords(common);
  const facts = useFacts();
  const narrow = useNarrow();
  const [selected, setSelected] = useState<string | null>(null);
  const [focus, setFocus] = useState<string | null>(null);
  const [fit, setFit] = useState(0);
  const [which, setWhich] = useState<'draft' | 'live'>('draft');
  const [walk, setWalk] = useState<Walk>();
  const [trying, setTrying] = useState(false);
  const may = useMay();
  const copied = useRef<string | null>(null);
  const moving = journey.state === 'running' || journey.state === 'paused';
  const counts = useQuery({ queryKey: ['journeys', journey.id, 'counts'], enabled: !!journey.published, refetchInterval: moving ? 3000 : false, queryFn: () => call('GET /journeys/{id}/counts', { path: { id: journey.id } }) });
  const changes = useMemo(() => diff(plan, journey.published), [plan, journey.published]);
  const differs = changes.removed.length > 0 || changes.frame || Object.values(changes.nodes).some((one) => one !== 'same');
  const wrong = useMemo(() => new Set(faults.filter((one) => one.grave).map((one) => one.node)), [faults]);
  const live = which === 'live' && journey.published ? journey.published : null;
  const shown = useMemo(() => (live ? placed(merge(live, plan)) : plan), [live, plan]);
  const able = may('journeys:write');
  const still = live !== null || !able;

  const add = (type: NodeType, place?: { x: number; y: number }) => {
    const id = freeId(plan);
    const node = makeNode(type, id, { arm: w('treated'), control: w('control'), branch: w('branch_n', { n: 1 }) });
    if (place) change(addNode(plan, node, null, place));
    else change(tidy(addNode(plan, node, selected ?? lastOf(plan))));
    setSelected(id);
  };
  const remove = (ids: string[]) => {
    const real = ids.filter((id) => id !== ENTRY);
    if (real.length === 0) return;
    change(removeNodes(plan, real));
    if (selected && real.includes(selected)) setSelected(null);
  };
  const duplicate = (id: string) => {
    const made = duplicateNode(plan, id);
    if (!made) return;
    change(made.plan);
    setSelected(made.id);
  };
  const mend = (id: string) => {
    stopTrying();
    setSelected(id);
    setFocus(id);
  };
  const stopTrying = () => {
    setTrying(false);
    setWalk(undefined);
  };
  const onKey = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (target.closest('input,textarea,.ant-select')) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (control && key === 'z') {
      event.preventDefault();
      if (event.shiftKey) redo();
      else undo();
    } else if (control && key === 'c' && selected && selected !== ENTRY) copied.current = selected;
    else if (control && key === 'v' && copied.current && findNode(plan, copied.current)) duplicate(copied.current);
    else if (control && key === 'd' && selected && selected !== ENTRY) {
      event.preventDefault();
      duplicate(selected);
    } else if (key === 'enter' || key === ' ') {
      const id = target.closest('.react-flow__node')?.getAttribute('data-id');
      if (id) setSelected(id);
    } else if (key === 'escape') {
      setSelected(null);
      stopTrying();
    }
  };

  const tool = (label: string, icon: React.ReactNode, onClick: () => void, disabled = false) => (
    <button type="button" className="icon-button" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
      {icon}
    </button>
  );

  return (
    <div className="canvas-box">
      {!still && (
        <div className="palette" role="toolbar" aria-label={w('add_node')}>
          <h3>{w('palette')}</h3>
          {NODE_TYPES.map((type) => {
            const Icon = ICONS[type];
            return (
              // Not a button: Firefox does not let those be dragged.
              <div
                key={type}
                role="button"
                tabIndex={0}
                draggable
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' && event.key !== ' ') return;
                  event.preventDefault();
                  add(type);
                }}
                onDragStart={(event: DragEvent) => {
                  event.dataTransfer.setData(DRAG_TYPE, type);
                  event.dataTransfer.effectAllowed = 'move';
                }}
                onClick={() => add(type)}
              >
                <Icon size={14} aria-hidden className="svg" />
                {w(`node_${type}`)}
              </div>
            );
          })}
        </div>
      )}
      <PlanCanvas
        plan={shown}
        names={names}
        counts={counts.data}
        changes={still ? undefined : changes.nodes}
        wrong={still ? undefined : wrong}
        walk={walk}
        selected={selected}
        onSelect={setSelected}
        focus={focus}
        fitKey={`${fit}${which}${counts.data ? 'counted' : ''}`}
        map={!narrow}
        edit={
          still
            ? undefined
            : {
                move: (moved) => change({ ...plan, nodes: plan.nodes.map((node) => (moved[node.id] ? { ...node, ...moved[node.id] } : node)) }),
                connect: (from, key, to) => change(connect(plan, from, key, to)),
                remove,
                drop: (kind, place) => add(kind as NodeType, place),
                key: onKey,
              }
        }
      >
        <div className="canvas-tools">
          {!still && (
            <>
              {narrow && (
                <Dropdown autoFocus trigger={['click']} menu={{ items: NODE_TYPES.map((type) => ({ key: type, label: w(`node_${type}`) })), onClick: ({ key }) => add(key as NodeType) }}>
                  {tool(w('add_node'), <Plus size={15} aria-hidden />, () => undefined)}
                </Dropdown>
              )}
              {tool(c('undo'), <Undo2 size={14} aria-hidden />, undo, !canUndo)}
              {tool(c('redo'), <Redo2 size={14} aria-hidden />, redo, !canRedo)}
              {tool(w('auto_layout'), <LayoutGrid size={14} aria-hidden />, () => {
                change(tidy(plan));
                setFit(fit + 1);
              })}
              {tool(w('delete_node'), <Trash2 size={14} aria-hidden />, () => selected && remove([selected]), !selected || selected === ENTRY)}
            </>
          )}
          {may('people:read') && (
            <button
              type="button"
              className="icon-button text"
              aria-expanded={trying}
              onClick={() => {
                if (trying) return stopTrying();
                setWhich('draft');
                setTrying(true);
                setFit(fit + 1);
              }}
            >
              <span className="row" style={{ gap: 5 }}>
                <Footprints size={14} aria-hidden />
                {w('try_title')}
              </span>
            </button>
          )}
          {journey.published && differs && !trying && (
            <Segmented size="small" aria-label={w('view')} value={which} onChange={(next) => setWhich(next as 'draft')} options={[{ value: 'draft', label: w('draft_view') }, { value: 'live', label: w('live_view') }]} />
          )}
        </div>
        {!still && !narrow && !selected && !trying && (
          <div className="canvas-hints">
            {faults.length > 0 && (
              <div className="panel" style={{ padding: '8px 12px' }}>
                <strong className="small">{w('faults', { count: faults.length })}</strong>
                <ul>
                  {faults.slice(0, 6).map((one, i) => (
                    <li key={i}>
                      <button
                        type="button"
                        className="linkish small"
                        style={{ color: one.grave ? 'var(--bad)' : 'var(--ink-2)' }}
                        onClick={() => mend(one.node)}
                      >
                        {w(`fault_${one.code}`, one.params)}
                      </button>
                    </li>
                  ))}
                </ul>
              </div>
            )}
            {journey.published && differs && (
              <div className="panel small soft" style={{ padding: '8px 12px' }}>
                {w('changed_note', { added: count(changes.nodes, 'added'), changed: count(changes.nodes, 'changed'), removed: changes.removed.length })}
                {changes.frame && <div>{w('frame_changed')}</div>}
                <div className="row" style={{ marginTop: 4 }}>
                  <i style={{ width: 4, height: 12, background: 'var(--good)' }} /> {w('legend_added')}
                  <i style={{ width: 4, height: 12, background: 'var(--warn)' }} /> {w('legend_changed')}
                </div>
              </div>
            )}
          </div>
        )}
      </PlanCanvas>
      {trying && (
        <TryPanel
          journey={journey}
          plan={plan}
          kept={kept}
          onWalk={(next) => {
            setWalk(next);
            if (next) setFit((was) => was + 1);
          }}
          onRefused={onRefused}
          onShow={setFocus}
          onMend={mend}
          onClose={stopTrying}
        />
      )}
      {selected && !trying && (
        <NodePanel plan={shown} name={name} id={selected} facts={facts} templates={templates} faults={still ? [] : faults} names={names} still={still} onPlan={change} onName={onName} onClose={() => setSelected(null)} onDelete={(id) => remove([id])} onDuplicate={duplicate} />
      )}
    </div>
  );
}

const count = (changes: { [id: string]: string }, wanted: string) => Object.values(changes).filter((one) => one === wanted).length;

/** The last node of the first line, so that a click adds to its end. */
function lastOf(plan: Plan): string | null {
  let at = plan.start;
  const seen = new Set<string>();
  while (at && !seen.has(at)) {
    seen.add(at);
    const node = findNode(plan, at);
    if (!node || node.type === 'exit') break;
    const to = 'next' in node ? node.next : node.type === 'split' ? (node.arms[0]?.next ?? null) : node.type === 'branch' ? (node.branches[0]?.next ?? null) : null;
    if (!to) return at;
    at = to;
  }
  return plan.start ? at : ENTRY;
}

/** What is published, drawn where the draft has its nodes. */
function merge(published: Plan, draft: Plan): Plan {
  const places = new Map(draft.nodes.map((node) => [node.id, node]));
  return { ...published, nodes: published.nodes.map((node) => ({ ...node, x: node.x ?? places.get(node.id)?.x, y: node.y ?? places.get(node.id)?.y })) };
}

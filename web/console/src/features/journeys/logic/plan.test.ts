// The canvas graph: edits, faults, differences, layout.
import { describe, expect, test } from 'vitest';
import type { Plan, PlanNode } from '../../../lib/api';
import { layout } from '../../../ui/canvas/layout';
import { diff } from './diff';
import { ENTRY, addNode, channelsOf, connect, controlShare, duplicateNode, findNode, freeId, links, makeNode, outs, reachable, removeNodes } from './plan';
import { extra, isSmall, verdict, wilson } from './results';
import { serverFaults, validate } from './validate';

const names = { arm: 'A', control: 'C', branch: 'B' };
const plan: Plan = {
  entry: { segment: 'seg_1', include_present: true }, reentry: 'never', goal: { event: { name: 'purchase' }, within: '14d', exit: true }, start: 'n1',
  nodes: [
    { id: 'n1', type: 'split', arms: [{ key: 'a', name: 'A', weight: 80, control: false, next: 'n2' }, { key: 'control', name: 'C', weight: 20, control: true, next: null }] },
    { id: 'n2', type: 'send', channel: 'email', template: 'tpl_1', purpose: 'marketing', next: 'n3' },
    { id: 'n3', type: 'wait_until', event: { name: 'purchase' }, timeout: '3d', next: null, on_timeout: 'n4' },
    { id: 'n4', type: 'exit' },
  ],
};
const codes = (changed: Plan) => validate(changed).map((one) => `${one.node}:${one.code}`);
const with_ = (id: string, patch: object): Plan => ({ ...plan, nodes: plan.nodes.map((node) => (node.id === id ? ({ ...node, ...patch } as never) : node)) });

describe('edits', () => {
  test('ways out and links', () => {
    expect(outs(plan.nodes[2]!).map((out) => [out.key, out.to])).toEqual([['next', null], ['on_timeout', 'n4']]);
    expect(links(plan)).toEqual([{ from: ENTRY, key: 'next', to: 'n1' }, { from: 'n1', key: 'arm:0', to: 'n2' }, { from: 'n2', key: 'next', to: 'n3' }, { from: 'n3', key: 'on_timeout', to: 'n4' }]);
  });
  test('connecting changes one way only, and never to itself', () => {
    expect(findNode(connect(plan, 'n3', 'next', 'n4'), 'n3')).toMatchObject({ next: 'n4', on_timeout: 'n4' });
    expect(connect(plan, 'n2', 'next', 'n2')).toBe(plan);
    expect(connect(plan, ENTRY, 'next', 'n2').start).toBe('n2');
  });
  test('removing a node bridges its line', () => {
    expect(findNode(removeNodes(plan, ['n2']), 'n1')).toMatchObject({ arms: [{ next: 'n3' }, { next: null }] });
    const less = removeNodes(plan, ['n1']);
    expect(less.start).toBeNull();
    expect(removeNodes(plan, ['n2', 'n3']).nodes.map((node) => node.id)).toEqual(['n1', 'n4']);
    expect(plan.nodes).toHaveLength(4);
  });
  test('adding after a node takes over what stood there', () => {
    const grown = addNode(plan, makeNode('wait', 'n5', names), 'n2');
    expect(findNode(grown, 'n2')).toMatchObject({ next: 'n5' });
    expect(findNode(grown, 'n5')).toMatchObject({ next: 'n3' });
    expect(addNode({ ...plan, nodes: [], start: null }, makeNode('send', 'n1', names)).start).toBe('n1');
    expect(addNode(plan, makeNode('wait', 'n5', names), ENTRY).start).toBe('n5');
  });
  test('copies have fresh ids and no lines', () => {
    const made = duplicateNode(plan, 'n3')!;
    expect(made.id).toBe('n5');
    expect(findNode(made.plan, 'n5')).toMatchObject({ type: 'wait_until', next: null, on_timeout: null, timeout: '3d' });
    expect(freeId(made.plan)).toBe('n6');
  });
  test('what publishing means', () => {
    expect(controlShare(plan)).toBeCloseTo(0.2);
    expect(channelsOf(plan)).toEqual(['email']);
    expect([...reachable(plan)]).toEqual(['n1', 'n2', 'n3', 'n4']);
  });
});

describe('faults', () => {
  test('a good plan has none', () => expect(codes(plan)).toEqual([]));
  test('each fault names its node', () => {
    expect(codes(with_('n2', { template: '' }))).toEqual(['n2:no_template']);
    expect(codes(with_('n3', { event: { name: '' }, timeout: 'soon' }))).toEqual(['n3:no_event', 'n3:bad_span']);
    expect(codes(with_('n1', { arms: [{ key: 'a', name: 'A', weight: 70, control: false, next: 'n2' }, { key: 'a', name: 'C', weight: 0, control: true, next: null }] }))).toEqual(['n1:weights', 'n1:weight_zero', 'n1:duplicate_arm']);
    expect(codes({ ...plan, start: null })).toContain('entry:no_start');
    expect(codes({ ...plan, entry: { segment: '' } })).toEqual(['entry:no_entry']);
    expect(codes({ ...plan, goal: { event: { name: '' }, within: '', exit: true } })).toEqual(['entry:no_goal_event', 'entry:goal_window']);
    expect(codes(with_('n2', { next: 'gone' }))).toEqual(['n2:dangling', 'n3:unreachable', 'n4:unreachable']);
  });
  test('unreachable nodes are a bar, as they are to the server', () => {
    const loose = validate({ ...plan, nodes: [...plan.nodes, { id: 'n9', type: 'exit' }] });
    expect(loose).toEqual([{ node: 'n9', code: 'unreachable', grave: true }]);
  });
  test('a circle without a wait is found, one with a wait is fine', () => {
    const spin: Plan = { ...plan, start: 'a', nodes: [{ id: 'a', type: 'send', channel: 'email', template: 't', purpose: 'marketing', next: 'b' }, { id: 'b', type: 'send', channel: 'email', template: 't', purpose: 'marketing', next: 'a' }] };
    expect(codes(spin)).toEqual(['a:loop_without_wait', 'b:loop_without_wait']);
    expect(codes({ ...spin, nodes: [spin.nodes[0]!, { id: 'b', type: 'wait', for: '1d', next: 'a' }] })).toEqual([]);
  });
  test('branches need conditions', () => {
    expect(codes({ ...plan, start: 'n1', nodes: [{ id: 'n1', type: 'branch', branches: [{ name: 'x', condition: { all: [] }, next: null }], otherwise: null }] })).toEqual(['n1:empty_condition']);
    expect(codes({ ...plan, start: 'n1', nodes: [{ id: 'n1', type: 'branch', branches: [{ name: 'x', condition: { all: [{ segment: '' }] }, next: null }], otherwise: null }] })).toEqual(['n1:bad_condition']);
  });
  test('the server’s fields point at nodes', () => {
    const said = serverFaults({ 'nodes/n3': 'choose a template', 'nodes/n4': 'something new', 'nodes/n5': '/all/0/event/name: is empty', start: 'the journey has no first step', goal: 'name an event', reentry: 'write a duration such as 7d, 12h or 30m', entry: 'names a segment that does not exist' });
    expect(said.map((one) => `${one.node} ${one.code}`)).toEqual(['n3 no_template', 'n4 server', 'n5 bad_condition', `${ENTRY} no_start`, `${ENTRY} no_goal_event`, `${ENTRY} reentry_span`, `${ENTRY} segment_gone`]);
  });
  test('a control group ends where it begins, and there is only one', () => {
    const split: PlanNode = { id: 'n1', type: 'split', arms: [{ key: 'a', name: '', weight: 50, control: true, next: 'n2' }, { key: 'b', name: '', weight: 50, control: true, next: null }] };
    expect(validate({ ...plan, nodes: plan.nodes.map((node) => (node.id === 'n1' ? split : node)) }).filter((one) => one.node === 'n1').map((one) => one.code)).toEqual(['two_controls', 'control_goes_on']);
  });
});

describe('draft against published', () => {
  test('places do not matter, meaning does', () => {
    const moved: Plan = { ...plan, nodes: plan.nodes.map((node, i) => ({ ...node, x: i, y: i })) };
    expect(diff(moved, plan)).toEqual({ nodes: { n1: 'same', n2: 'same', n3: 'same', n4: 'same' }, removed: [], frame: false });
    const changed = diff(addNode(removeNodes(with_('n3', { timeout: '2d' }), ['n4']), { id: 'n7', type: 'exit' }, 'n3'), plan);
    expect(changed.nodes).toEqual({ n1: 'same', n2: 'same', n3: 'changed', n7: 'added' });
    expect(changed.removed.map((node) => node.id)).toEqual(['n4']);
    expect(diff({ ...plan, goal: null }, plan).frame).toBe(true);
    expect(diff(plan, null).nodes).toEqual({});
  });
});

test('layout goes downwards and overlaps nothing', () => {
  const ids = ['a', 'b', 'c', 'd'];
  const places = layout(ids.map((id) => ({ id, width: 216, height: 90 })), [{ from: 'a', to: 'b' }, { from: 'a', to: 'c' }, { from: 'b', to: 'd' }, { from: 'c', to: 'd' }]);
  expect(places.a!.y).toBeLessThan(places.b!.y);
  expect(places.b!.y).toBe(places.c!.y);
  expect(Math.abs(places.b!.x - places.c!.x)).toBeGreaterThanOrEqual(216);
  expect(places.d!.y).toBeGreaterThan(places.b!.y + 90);
});

describe('results', () => {
  const arm = (people: number, converted: number, control = false) => ({ key: control ? 'control' : 'a', name: '', control, people, converted, rate: converted / people, value: '0', currency: 'CNY' });
  const compared = (difference: number, significant: boolean) => ({ arm: 'a', difference, ci: [0, 0] as [number, number], confidence: 0.95, p_value: 0.01, lift: null, significant });
  test('Wilson’s interval agrees with the published example (Newcombe 1998: 81 of 263)', () => {
    const [low, high] = wilson(81, 263);
    expect(low).toBeCloseTo(0.2553, 4);
    expect(high).toBeCloseTo(0.3662, 4);
    expect(wilson(0, 20)[0]).toBeCloseTo(0, 12);
    expect(wilson(0, 20)[1]).toBeCloseTo(0.1611, 4);
  });
  test('small bases are never a verdict', () => {
    expect(verdict(compared(0.2, true), arm(50, 20), arm(500, 50, true))).toBe('too_small');
    expect(verdict(compared(0.02, true), arm(500, 60), arm(500, 50, true))).toBe('better');
    expect(verdict(compared(-0.02, true), arm(500, 40), arm(500, 50, true))).toBe('worse');
    expect(verdict(compared(0.02, false), arm(500, 60), arm(500, 50, true))).toBe('unclear');
    expect(isSmall(undefined)).toBe(true);
    expect(extra(compared(0.02, true), arm(500, 60))).toBe(10);
  });
});

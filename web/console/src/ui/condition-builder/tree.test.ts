// Edits of the tree leave the old one alone and put things where they were meant.
import { describe, expect, test } from 'vitest';
import type { Condition } from '../../lib/api';
import { append, at, insertAfter, move, negate, remove, replace, rooted, size, switchJoin, unwrap, wrap } from './groups';
import { aggregateOf, complete, convert, faults, flatWhere, parse, same, whereOf, withAggregate, withOperator } from './tree';

const view: Condition = { event: { name: 'view_item', within: '30d' } };
const city: Condition = { trait: { name: 'city', in: ['上海', '杭州'] } as never };
const bought: Condition = { not: { event: { name: 'purchase', within: '14d' } } };
const tree = { all: [view, bought, { any: [city, { segment: 'seg_1' }] }] } as Condition;
const frozen = structuredClone(tree);

describe('paths', () => {
  test('point at lines, also inside a denial', () => {
    expect(at(tree, '')).toBe(tree);
    expect(at(tree, '/all/0')).toBe(view);
    expect(at(tree, '/all/1/not')).toEqual({ event: { name: 'purchase', within: '14d' } });
    expect(at(tree, '/all/2/any/1')).toEqual({ segment: 'seg_1' });
    expect(at(tree, '/all/9')).toBeUndefined();
  });
});

describe('edits', () => {
  test('replace, remove, append, insert, move', () => {
    expect(at(replace(tree, '/all/2/any/1', { segment: 'seg_2' }), '/all/2/any/1')).toEqual({ segment: 'seg_2' });
    expect(remove(tree, '/all/0')).toEqual({ all: [bought, { any: [city, { segment: 'seg_1' }] }] });
    expect(at(append(tree, '/all/2', view), '/all/2/any/2')).toBe(view);
    expect(at(insertAfter(tree, '/all/0', city), '/all/1')).toBe(city);
    expect(at(move(tree, '/all/0', 1), '/all/1')).toBe(view);
    expect(move(tree, '/all/0', -1)).toEqual(tree);
    expect(tree).toEqual(frozen);
  });
  test('a group inside a denial is reached by its own path', () => {
    const denied = { all: [{ not: { any: [view] } }] } as Condition;
    expect(append(denied, '/all/0/not', city)).toEqual({ all: [{ not: { any: [view, city] } }] });
    expect(remove(denied, '/all/0/not/any/0')).toEqual({ all: [{ not: { any: [] } }] });
  });
  test('wrapping makes a group of the other kind, unwrapping takes it apart', () => {
    const wrapped = wrap(tree, '/all/0');
    expect(at(wrapped, '/all/0')).toEqual({ any: [view] });
    expect(unwrap(wrapped, '/all/0')).toEqual(tree);
  });
  test('denying twice is not denying', () => {
    expect(negate(negate(view))).toBe(view);
    expect(negate(bought)).toEqual({ event: { name: 'purchase', within: '14d' } });
  });
  test('groups switch and roots are groups', () => {
    expect(switchJoin({ all: [view] })).toEqual({ any: [view] });
    expect(rooted(view)).toEqual({ all: [view] });
    expect(rooted(tree)).toBe(tree);
    expect(size(tree)).toBe(4);
  });
});

describe('events', () => {
  test('an event has one aggregate at most', () => {
    const counted = withAggregate({ name: 'x', within: '7d' }, 'count');
    expect(counted).toEqual({ name: 'x', within: '7d', count: { gte: 1 } });
    const summed = withAggregate(counted, 'sum');
    expect(aggregateOf(summed)).toBe('sum');
    expect(summed.count).toBeUndefined();
    expect(withAggregate(summed, null)).toEqual({ name: 'x', within: '7d' });
  });
  test('plain filters become lists and back', () => {
    const one = { property: 'category', eq: '咖啡豆' };
    expect(flatWhere(one as never)).toEqual([one]);
    expect(flatWhere({ any: [one as never] })).toBeNull();
    expect(whereOf([])).toBeUndefined();
    expect(whereOf([one as never])).toEqual(one);
    expect(whereOf([one as never, one as never])).toEqual({ all: [one, one] });
  });
  test('operands are kept when the operator changes', () => {
    expect(convert('上海', 'in', false)).toEqual(['上海']);
    expect(convert(['上海', '杭州'], 'eq', false)).toBe('上海');
    expect(convert(5, 'between', true)).toEqual([5, 5]);
    expect(convert('', 'in', false)).toEqual([]);
    expect(convert('x', 'exists', false)).toBe(true);
    expect(withOperator({ name: 'city', eq: '上海' }, 'exists', false)).toEqual({ name: 'city', exists: false });
  });
});

describe('what is missing', () => {
  test('complete lines have no faults', () => {
    expect(faults(tree)).toEqual({});
    expect(faults({ all: [] })).toEqual({});
  });
  test('each fault stands at its line, a denied one too', () => {
    const poor: Condition = {
      all: [{ event: { name: '' } }, { not: { event: { name: '' } } }, { trait: { name: 'city', eq: '' } as never }, { any: [] }, { event: { name: 'x', within: '0d' } }, { event: { name: 'x', sum: { property: '', gte: 1 } as never } }, { sequence: { steps: [{ name: 'a' }, { name: '' }], within: '1d' } }, { segment: '' }],
    };
    expect(faults(poor)).toEqual({ '/all/0': 'event', '/all/1': 'event', '/all/2': 'value', '/all/3': 'empty', '/all/4': 'span', '/all/5': 'property', '/all/6': 'event', '/all/7': 'segment' });
  });
  test('exists needs no value but a yes or no', () => {
    expect(faults({ trait: { name: 'email', exists: false } as never })).toEqual({});
    expect(faults({ trait: { name: 'points', gte: 0 } as never })).toEqual({});
  });
});

describe('what can be counted already', () => {
  test('is everything that is complete, and untouched where nothing is missing', () => {
    expect(complete(tree)).toBe(tree);
    expect(complete({ all: [view, { event: { name: '' } }, { not: { any: [{ segment: '' }, city] } }, { any: [{ segment: '' }] }, { not: { segment: '' } }] })).toEqual({ all: [view, { not: { any: [city] } }] });
    expect(complete({ all: [] })).toBeNull();
    expect(complete({ all: [{ any: [] }] })).toBeNull();
  });
  test('so long ago is a moment once it is said how long', () => {
    expect(faults({ trait: { name: 'registered_at', after: '-d' } as never })).toEqual({ '': 'value' });
    expect(faults({ trait: { name: 'registered_at', after: '-30d' } as never })).toEqual({});
    expect(faults({ event: { name: 'x', since: { event: 'y', which: 'first', within: 'd' } } })).toEqual({ '': 'span' });
  });
});

describe('pasting', () => {
  test('takes conditions, alone or in a segment, and nothing else', () => {
    expect(parse(JSON.stringify(tree))).toEqual(tree);
    expect(parse(JSON.stringify({ name: 'x', condition: tree }))).toEqual(tree);
    for (const wrong of ['', 'hello', '[]', '{}', '{"all": [{}]}', '{"event": 3}', '{"all": [], "any": []}', '{"segment": 3}', 'null']) expect(parse(wrong)).toBeNull();
  });
});

test('conditions are the same when they say the same', () => {
  const line = { tag: { name: 'cluster', eq: '1' } };
  expect(same({ all: [{ tag: { eq: '1', name: 'cluster' } }] }, line)).toBe(true);
  expect(same({ not: line }, line)).toBe(false);
  expect(same({ all: [line, { segment: 'a' }] }, { any: [line, { segment: 'a' }] })).toBe(false);
});

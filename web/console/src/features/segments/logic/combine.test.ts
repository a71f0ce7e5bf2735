import { expect, test } from 'vitest';
import type { Striking } from '../../../lib/api/portraits';
import { combined, inAny, parts, regionCondition, sizeOf } from './combine';
import { categoryCondition, interestCondition, numberCondition, strikingCondition, within } from './portrait-condition';
import { niceTop, ofCliffsDelta, ofCramersV } from './strength';

const overlap = { people: 60, as_of: '', sizes: [], regions: [{ in: ['a'], count: 30 }, { in: ['b', 'a'], count: 20 }, { in: ['b'], count: 10 }], pairs: [] };

test('two segments by the three operations', () => {
  expect(combined('union', 'a', 'b')).toEqual({ any: [{ segment: 'a' }, { segment: 'b' }] });
  expect(combined('intersection', 'a', 'b')).toEqual({ all: [{ segment: 'a' }, { segment: 'b' }] });
  expect(combined('difference', 'a', 'b')).toEqual({ all: [{ segment: 'a' }, { not: { segment: 'b' } }] });
  expect(inAny({ ...overlap, people: 1_000 })).toBe(60);
  const found = parts(overlap, 'a', 'b');
  expect([sizeOf('union', found), sizeOf('intersection', found), sizeOf('difference', found)]).toEqual([60, 20, 30]);
});
test('a region is in these and in no other', () => {
  expect(regionCondition({ in: ['b'], count: 10 }, ['a', 'b', 'c'])).toEqual({ all: [{ segment: 'b' }, { not: { segment: 'a' } }, { not: { segment: 'c' } }] });
});

const known = { traits: [{ name: 'city', kinds: ['text' as const] }, { name: 'vip', kinds: ['bool' as const] }, { name: 'likes', kinds: ['list' as const] }], tags: [{ name: 'monetary', kinds: ['number' as const] }] };
test('a value is compared as what it is', () => {
  expect(categoryCondition({ kind: 'trait', feature: 'city' }, '上海', known)).toEqual({ trait: { name: 'city', eq: '上海' } });
  expect(categoryCondition({ kind: 'trait', feature: 'trait:vip' }, 'true', known)).toEqual({ trait: { name: 'vip', eq: true } });
  expect(categoryCondition({ kind: 'trait', feature: 'likes' }, 'tea', known)).toEqual({ trait: { name: 'likes', contains: 'tea' } });
  expect(numberCondition({ kind: 'tag', feature: 'monetary', median: 10, rest_median: 20 }, known)).toEqual({ tag: { name: 'monetary', lte: 10 } });
});
test('what is striking becomes a condition where one can say it', () => {
  const line = (of: Partial<Striking>): Striking => ({ feature: 'city', kind: 'trait', title: '', value: '上海', share: 0, rest_share: 0, median: null, rest_median: null, lift: null, effect: 0, q_value: 0, is_small: false, ...of });
  const result = { interests: [{ event: 'view_item', property: 'category', values: [] }], value: null };
  expect(strikingCondition(line({}), result, known)).toEqual({ trait: { name: 'city', eq: '上海' } });
  expect(strikingCondition(line({ kind: 'event', feature: 'purchase', value: null }), result, known)).toMatchObject({ event: { name: 'purchase' } });
  expect(strikingCondition(line({ kind: 'interest', feature: 'view_item.category', value: '茶' }), result, known)).toEqual(interestCondition(result.interests[0]!, '茶'));
  expect(strikingCondition(line({ kind: 'interest', feature: 'nothing', value: '茶' }), result, known)).toBeNull();
  expect(strikingCondition(line({ kind: 'value', feature: 'value', value: null, median: 3, rest_median: 1 }), result, known)).toBeNull();
  expect(within('outside', 's', { segment: 'x' })).toEqual({ all: [{ segment: 'x' }, { not: { segment: 's' } }] });
});
test('how strong a difference is', () => {
  expect([0.05, 0.2, 0.3, 0.6].map(ofCramersV)).toEqual(['none', 'weak', 'medium', 'strong']);
  expect([-0.5, 0.1].map(ofCliffsDelta)).toEqual(['strong', 'none']);
  expect([niceTop([0.37]), niceTop([]), niceTop([0.041]), niceTop([1])]).toEqual([0.4, 1, 0.05, 1]);
});

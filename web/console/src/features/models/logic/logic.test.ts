import { expect, test } from 'vitest';
import type { Draft } from '../../../lib/api/models';
import { featureText, valueText } from '../../../lib/labels';
import { draftOf, freeName, lacks, mainEvent, mainProperty } from './drafts';
import { featureKey, groupName, ruleText, steadiness, tellingText, wayText } from './says';
import { place } from './tree';

const event = (name: string, count: number) => ({ name, count, last_at: '2026-01-01T00:00:00Z' });
const fact = (name: string, kind: 'number' | 'text') => ({ name, kinds: [kind], examples: [] }) as never;

test('a new model begins with what is bought, or with what is frequent', () => {
  expect(mainEvent([event('page', 900), event('order_paid', 5)])).toBe('order_paid');
  expect(mainEvent([event('page', 900), event('search', 1000)])).toBe('search');
  expect(mainEvent([])).toBe('');
  expect(mainProperty([fact('order_id', 'text'), fact('amount', 'number')], ['value', 'amount'], true)).toBe('amount');
  expect(mainProperty([fact('order_id', 'text')], ['category'], false)).toBe('order_id');
});

test('with purchases in the house every kind can be started at once but those of a property', () => {
  const known = { events: [event('purchase', 10)], segments: [{ id: 'seg_small', count: 2 }, { id: 'seg_large', count: 20 }] };
  for (const kind of ['clusters', 'tree', 'look_alike', 'propensity'] as const) expect(lacks(draftOf(kind, 'x', known), 'x')).toEqual([]);
  for (const kind of ['rfm', 'abc', 'preference'] as const) expect(lacks(draftOf(kind, 'x', known), 'x')).toEqual(['property']);
  expect(draftOf('look_alike', 'x', known).settings).toEqual({ seed: 'seg_large', size: 1000 });
});

test('what is lacking is named', () => {
  const known = { events: [], segments: [] };
  expect(lacks(draftOf('tree', ' ', known), 'a b')).toEqual(['title', 'name', 'outcome']);
  expect(lacks(draftOf('look_alike', 'x', known))).toEqual(['seed']);
  const abc = draftOf('abc', 'x', { ...known, events: [event('purchase', 1)] }) as Extract<Draft, { kind: 'abc' }>;
  expect(lacks({ ...abc, settings: { ...abc.settings, property: 'value', a: 0.96 } })).toEqual(['shares']);
  const rfm = draftOf('rfm', 'x', { ...known, events: [event('purchase', 1)] }) as Extract<Draft, { kind: 'rfm' }>;
  const cuts = { recency: [7, 30, 60, 90], frequency: [1, 2, 4, 8], monetary: [100, 50, 500, 900] };
  expect(lacks({ ...rfm, settings: { ...rfm.settings, property: 'value', cuts } })).toEqual(['cuts']);
});

test('a taken name gets a number', () => {
  expect(freeName('cluster', new Set(['cluster', 'cluster_2']))).toBe('cluster_3');
});

test('rules and what tells a cluster are said in both languages', () => {
  const rule = [{ feature: '近 90 天下单次数 · Purchases in 90 days', test: { more_than: 2 }, or_unknown: false }, { feature: 'city', test: { one_of: ['上海', '北京'] }, or_unknown: true }];
  expect(ruleText(rule, 'zh')).toBe('「近 90 天下单次数」大于 2，并且「城市」是 上海、北京 之一（或未知）');
  expect(ruleText(rule, 'en')).toBe('“Purchases in 90 days” is more than 2, and “City” is one of 上海, 北京 (or unknown)');
  expect(ruleText([{ feature: 'points', test: { unknown: true }, or_unknown: false }], 'zh')).toBe('「积分」未知');
  expect(['purchase · count', 'purchase · days since', 'purchase · sum of value', 'city'].map((label) => featureText(label, 'zh'))).toEqual(['下单支付次数', '距上次下单支付天数', '下单支付金额合计', '城市']);
  expect(groupName({ telling: [{ feature: 'points', value: null, sign: 'high', effect: 0.5 }, { feature: 'city', value: '上海', sign: 'frequent', effect: 0.3 }] }, 'en')).toBe('Points: high, City: often 上海');
  expect(tellingText({ feature: 'city', value: '上海', sign: 'frequent', effect: 0.3 }, 'zh')).toBe('城市多为 上海');
});

test('times are whole, and the ways of a tree are short', () => {
  expect(ruleText([{ feature: 'purchase · count', test: { more_than: 1.5 }, or_unknown: false }, { feature: 'purchase · days since', test: { at_most: 30.19 }, or_unknown: false }], 'zh')).toBe('「下单支付次数」至少 2，并且「距上次下单支付天数」不超过 30.2');
  expect(ruleText([{ feature: 'purchase · count', test: { between: [0.5, 1.5] }, or_unknown: false }], 'en')).toBe('“Purchase: times” is 1');
  expect(['≤ 30.19', '> 28.44 / ?', 'store / tmall', '上海 / ?', ' / ?'].map((test) => wayText('days', test, 'en'))).toEqual(['≤ 30.2', '> 28.4 or unknown', 'store, tmall', '上海, unknown', 'unknown']);
  expect(['≤ 1.5', '> 1.5 / ?'].map((test) => wayText('purchase · count', test, 'zh'))).toEqual(['≤ 1', '≥ 2 或未知']);
});

test('what a model calls its values is read in both languages', () => {
  const rule = { assigned: { by: 'model' as const, values: [{ value: '1', label: 'purchase count ↓, city 上海 / 北京' }, { value: '2', label: '老主顾, 常客' }] } };
  expect(valueText('1', rule, 'zh')).toBe('下单支付次数偏低，城市 上海、北京');
  expect(valueText('2', rule, 'en')).toBe('老主顾, 常客');
});

test('how sure a cluster is', () => {
  expect([0.9, 0.8, 0.7, 0.5, null].map(steadiness)).toEqual(['firm', 'steady', 'loose', 'shaky', null]);
});

test('a feature is known by what it asks', () => {
  expect(featureKey({ label: 'a', trait: 'city' })).toBe(featureKey({ label: 'b', trait: 'city' }));
});

test('a tree has a row for each leaf, and parents stand between their children', () => {
  const node = (id: number, parent: number | null, is_leaf: boolean) => ({ id, parent, feature: null, test: null, people: 10 + id, rate: 0.1, is_leaf });
  const { placed, rows, depth } = place([node(0, null, false), node(1, 0, true), node(2, 0, false), node(3, 2, true), node(4, 2, true)]);
  expect([rows, depth]).toEqual([3, 2]);
  expect(Object.fromEntries(placed.map((one) => [one.id, one.row]))).toEqual({ 0: 0.75, 1: 0, 2: 1.5, 3: 1, 4: 2 });
});

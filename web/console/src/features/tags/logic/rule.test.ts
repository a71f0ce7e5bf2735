import { expect, test } from 'vitest';
import { namedValues, valueText } from '../../../lib/labels';
import { emptyHand, emptyLadder, emptyStatistic, freeName, isWhole, kindOf } from './rule';

test('a rule is whole when every value has a word and a condition', () => {
  expect(isWhole(emptyLadder())).toBe(false);
  expect(isWhole({ values: [{ value: 'a', condition: { all: [{ event: { name: 'purchase' } }] } }] })).toBe(true);
  expect(isWhole({ values: [{ value: 'a', condition: { event: { name: 'x' } } }, { value: ' a', condition: { event: { name: 'y' } } }] })).toBe(false);
  expect(isWhole(emptyStatistic())).toBe(false);
  expect(isWhole({ statistic: { event: { name: 'purchase' }, function: 'count' } })).toBe(true);
  expect(isWhole({ statistic: { event: { name: 'purchase' }, function: 'sum' } })).toBe(false);
});

test('each reader sees their half of a label', () => {
  const rule = { values: [{ value: 'new', label: '新客 · New', condition: { all: [] } }] };
  expect([valueText('new', rule, 'zh'), valueText('new', rule, 'en'), valueText('x', rule, 'en'), valueText(12.5, undefined, 'zh')]).toEqual(['新客', 'New', 'x', '12.5']);
});

test('a taken name gets a number', () => {
  expect(freeName('rfm', new Set(['rfm', 'rfm_2']))).toBe('rfm_3');
  expect(freeName('rfm', new Set())).toBe('rfm');
});

test('a tag by hand needs a word for each of its values, or takes any text', () => {
  expect(isWhole(emptyHand())).toBe(false);
  expect(isWhole({ assigned: { by: 'hand', values: null } })).toBe(true);
  expect(isWhole({ assigned: { by: 'hand', values: [] } })).toBe(false);
  expect(isWhole({ assigned: { by: 'hand', values: [{ value: 'vip' }, { value: 'vip ' }] } })).toBe(false);
  const rule = { assigned: { by: 'model' as const, values: [{ value: '1', label: '活跃 · Active' }] } };
  expect([kindOf(rule), valueText('1', rule, 'en'), namedValues({ ...rule, otherwise: 'x' }).length]).toEqual(['by_model', 'Active', 2]);
});

import { expect, test } from 'vitest';
import { emptyLadder, emptyStatistic, freeName, isWhole, valueText } from './rule';

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

import { expect, test } from 'vitest';
import type { ThingCondition, ThingsImported } from '../../../lib/api';
import { hasId, readThings, sendThings, thingOf } from './import';
import { conditionText, thingFaults } from './condition';
import { emptyRule, freeName, isWhole } from './rule';
import { attributesOf, readAttribute, rowsOf, typeTitle, valueText } from './things';

test('attributes are read as people mean them', () => {
  expect(['88', '88.50', '0012', 'true', 'red | 3', '-5', '1e5', '12345678901234567', ''].map(readAttribute)).toEqual([88, 88.5, '0012', true, ['red', 3], -5, '1e5', '12345678901234567', '']);
});

test('what is not touched stays what it was', () => {
  const before = { price: '88.00', stock: 5, colours: ['red', 'blue'], old: 1 };
  const rows = rowsOf(before).filter((one) => one.name !== 'old').map((one) => (one.name === 'stock' ? { ...one, text: '6' } : one));
  expect(attributesOf([...rows, { name: ' ', text: 'x' }, { name: 'new', text: ' ' }], before)).toEqual({ price: '88.00', stock: 6, colours: ['red', 'blue'] });
});

test('a file finds its columns', () => {
  const sheet = readThings('\ufeff商品编号,名称,price,code,颜色,\nA1,云南豆,88,0012,红|蓝,x\nA2,,108,13,,\n');
  expect(sheet.columns.map((one) => one.role)).toEqual(['id', 'name', 'attribute', 'attribute', 'attribute', 'skip']);
  expect(hasId(sheet.columns)).toBe(true);
  expect(sheet.rows.map((row) => thingOf(row, sheet.columns))).toEqual([
    { id: 'A1', name: '云南豆', attributes: { price: 88, code: '0012', 颜色: ['红', '蓝'] } },
    { id: 'A2', attributes: { price: 108, code: '13' } },
  ]);
  expect(readThings('').columns).toEqual([]);
});

test('lines go a thousand at a time, and refused ones are known by their place in the file', async () => {
  const lines = Array.from({ length: 1_002 }, (_, i) => `A${i},${i}`);
  const sheet = readThings(`id,n\n${lines.join('\n')}`);
  const sizes: number[] = [];
  const outcome = await sendThings(
    sheet,
    async (things): Promise<ThingsImported> => {
      sizes.push(things.length);
      return { created: things.length - 1, changed: 0, unchanged: 0, refused: [{ line: 2, id: things[1]!.id, code: 'catalog.thing_invalid', detail: 'no' }] };
    },
    () => {},
  );
  expect(sizes).toEqual([1_000, 2]);
  expect(outcome.created).toBe(1_000);
  expect(outcome.refused.map((one) => [one.line, one.id, one.row[0]])).toEqual([[3, 'A1', 'A1'], [1_003, 'A1001', 'A1001']]);
});

test('conditions are said in words, groups within groups as well', () => {
  const price = { attribute: { name: 'price', gte: 100 } };
  const sold = { figure: { event: 'purchase', of: 'amount' as const, days: 30, gte: 5 } };
  const seen = { figure: { event: 'view_item', gt: 0 } };
  const tree: ThingCondition = { all: [price, { any: [sold, { not: { all: [{ attribute: { name: 'name', contains: '茶' } }, seen] } }] }] };
  expect([conditionText(tree, 'zh'), conditionText(tree, 'en')]).toEqual([
    '「单价」不小于 100，并且（最近 30 天内「下单支付」的金额不小于 5，或者不满足（「名称」包含 茶，并且最近 400 天内「浏览商品」的次数大于 0））',
    '“Price” is at least 100, and (the amount in “Purchase” in the last 30 days is at least 5, or not (“Name” contains 茶, and the number of “View item” in the last 400 days is more than 0))',
  ]);
  expect([conditionText({ not: price }, 'zh'), conditionText({ not: sold }, 'en')]).toEqual(['并非「单价」不小于 100', 'not: the amount in “Purchase” in the last 30 days is at least 5']);
  expect(conditionText({ all: [] }, 'zh')).toBe('…');
});

test('what a line of a condition misses stands at the line', () => {
  const tree: ThingCondition = { all: [{ attribute: { name: ' ', eq: '' } }, { any: [{ not: { figure: { event: '', gte: 1 } } }, { attribute: { name: 'price', in: [] } }, { attribute: { name: 'price', exists: true } }] }, { any: [] }] };
  expect(thingFaults(tree)).toEqual({ '/all/0': 'name', '/all/1/any/0': 'event', '/all/1/any/1': 'value', '/all/2': 'empty' });
});

test('a rule is whole when nothing is missing and nothing is there twice', () => {
  expect([emptyRule('ladder'), emptyRule('share'), emptyRule('hand')].map(isWhole)).toEqual([false, false, false]);
  const step = (value: string) => ({ value, condition: { attribute: { name: 'price', gte: 100 } } });
  expect(isWhole({ values: [step('a')], otherwise: 'b' })).toBe(true);
  expect(isWhole({ values: [step('a')], otherwise: 'a' })).toBe(false);
  expect(isWhole({ values: [{ value: 'a', condition: { figure: { event: 'purchase', gte: '' } } }] })).toBe(false);
  expect(isWhole({ values: [{ value: 'a', condition: { not: { attribute: { name: 'x', eq: 1 } } } }] })).toBe(true);
  expect(isWhole({ values: [{ value: 'a', condition: { all: [{ any: [] }] } }] })).toBe(false);
  expect(isWhole({ share: { event: 'purchase', days: 90, values: [{ value: 'A', to: 70 }, { value: 'A', to: 100 }] } })).toBe(false);
});

test('types and values by name', () => {
  expect([typeTitle('goods', 'zh'), typeTitle('goods', 'en'), typeTitle('book', 'en')]).toEqual(['商品', 'Goods', 'book']);
  expect(typeTitle({ type: 'book', settings: { title: '图书 · Books', ids: [], lists: [], amounts: [], is_told_by_events: true }, counts: { described: 0, seen: 0, archived: 0 } }, 'en')).toBe('Books');
  expect(valueText('A', { share: { event: 'x', days: 1, values: [{ value: 'A', label: '前 70% · First', to: 100 }] } }, 'zh')).toBe('前 70%');
  expect(freeName('abc', new Set(['abc', 'abc_2']))).toBe('abc_3');
});

// What must be mapped before an import can begin.
import { expect, test } from 'vitest';
import { likely, missing, ordered } from './needs';

test('one of several will do', () => {
  expect(missing('orders', { order_id: 'No', time: 'When' })).toEqual([['amount', 'price']]);
  expect(missing('orders', { order_id: 'No', time: 'When', price: 'P' })).toEqual([]);
  expect(missing('people', { phone: 'Tel' })).toEqual([]);
});

test('rare fields wait behind a click', () => {
  expect(likely('orders', 'unionid', {}, {})).toBe(false);
  expect(likely('orders', 'unionid', { unionid: 'U' }, {})).toBe(true);
  expect(likely('things', 'user_id', {}, {})).toBe(false);
});

test('what is needed stands first', () => {
  expect(ordered('orders', ['channel', 'status', 'amount', 'time', 'order_id', 'price', 'user_id'], { status: 'S' })).toEqual(['order_id', 'time', 'amount', 'price', 'user_id', 'status', 'channel']);
});

import { expect, test } from 'vitest';
import type { TimelineEvent, TraitTelling, Values } from '../../../lib/api';
import { whyStands } from './trait-history';
import { moved, NO_RULE, sameRules, traitNames, withRule } from './trait-rules';
import { orderEvent, worthOf } from './worth';

const telling = (source: string, ts: string, stands = false, kind = 'identify'): TraitTelling => ({ value: source, kind, ts, source, stands });

test('the latest stands, unless a source counts more', () => {
  expect(whyStands([telling('web', '2026-11-02', true), telling('crm', '2026-11-01')], [])).toBe('latest');
  expect(whyStands([telling('web', '2026-11-02'), telling('crm', '2026-11-01', true)], ['crm'])).toBe('source');
  expect(whyStands([telling('crm', '2026-11-02', true), telling('web', '2026-11-01')], ['crm'])).toBe('latest');
  // Told later, but only where nothing was.
  expect(whyStands([telling('web', '2026-11-02', false, 'profile_set_once'), telling('crm', '2026-11-01', true)], ['crm'])).toBe('latest');
  expect(whyStands([telling('web', '2026-11-01', true)], ['crm'])).toBe('only');
});

test('what is added up, collected, set once, or gone', () => {
  expect(whyStands([telling('web', '2026-11-02', true, 'profile_increment'), telling('web', '2026-11-01')], [])).toBe('sum');
  expect(whyStands([telling('web', '2026-11-02', true, 'profile_append')], [])).toBe('list');
  expect(whyStands([telling('web', '2026-11-02', false, 'profile_set_once'), telling('web', '2026-11-01', true, 'profile_set_once')], [])).toBe('first');
  expect(whyStands([telling('web', '2026-11-02', false, 'profile_unset'), telling('web', '2026-11-01')], [])).toBe('gone');
});

test('a rule that says nothing is none, and the order of names means nothing', () => {
  const rules = { traits: { city: { sources: ['crm'], is_sensitive: false }, age: { sources: [], is_sensitive: true } } };
  expect(Object.keys(withRule(rules, 'city', NO_RULE).traits)).toEqual(['age']);
  expect(sameRules(rules, { traits: { age: rules.traits.age, city: rules.traits.city } })).toBe(true);
  expect(sameRules(rules, withRule(rules, 'city', { sources: ['shop', 'crm'], is_sensitive: false }))).toBe(false);
});

test('sources move by one place and not beyond the ends', () => {
  expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
});

test('traits with rules come first; they are found by their name in both ways of writing', () => {
  const facts = ['city', 'age', 'email'].map((name) => ({ name, kinds: [], examples: [] }));
  const saved = { traits: { income: { sources: [], is_sensitive: true } } };
  expect(traitNames(facts, saved, saved, '', 'en')).toEqual(['income', 'age', 'city', 'email'].sort((a, b) => (a === 'income' ? -1 : b === 'income' ? 1 : 0)));
  expect(traitNames(facts, saved, saved, '城市', 'zh')).toEqual(['city']);
  expect(traitNames(facts, saved, saved, 'CIT', 'zh')).toEqual(['city']);
});

const order = (ts: string, properties: Values): TimelineEvent => ({ id: ts, kind: 'track', name: 'purchase', source: 'web', ts, properties });

test('orders are added up by currency', () => {
  const worth = worthOf([order('2026-11-02', { value: '10.10', currency: 'CNY' }), order('2026-11-03', { amount: 20.2, currency: 'CNY' }), order('2026-11-01', { total: 5, currency: 'USD' }), order('2026-10-01', {})]);
  expect(worth).toEqual({ orders: 4, amounts: [{ currency: 'CNY', sum: 30.3 }, { currency: 'USD', sum: 5 }], last: '2026-11-03' });
  expect(worthOf([])).toEqual({ orders: 0, amounts: [], last: null });
});

test('an order is called by many names', () => {
  const events = (...names: string[]) => names.map((name) => ({ name, count: 1, last_at: '' }));
  expect(orderEvent(events('page', 'Order Completed'))).toBe('Order Completed');
  expect(orderEvent(events('order', 'purchase'))).toBe('purchase');
  expect(orderEvent(events('page'))).toBe(undefined);
});

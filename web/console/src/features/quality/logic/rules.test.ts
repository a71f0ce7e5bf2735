import { expect, test } from 'vitest';
import { factsOf, formOf, kindOf, lines, propertyFaults, ruleFrom, ruleOf, unfit, unplanned, without, withRules } from './rules';
import type { Quarantined, TrackingPlan } from '../../../lib/api';

const AT = '2026-11-22T10:00:00Z';
const plan: TrackingPlan = { events: { purchase: { required: ['value'], properties: { value: 'number' } }, old: { blocked: true }, planned_only: {}, message_sent: {} }, refuse_unknown: false };
const names = [{ name: 'view_item', count: 9, last_at: AT }, { name: 'purchase', count: 3, last_at: AT }, { name: 'message_sent', count: 2, last_at: AT }];

test('the plan stands beside what comes in', () => {
  expect(lines(plan, names).map((one) => [one.name, one.state])).toEqual([['view_item', 'unplanned'], ['purchase', 'planned'], ['message_sent', 'house'], ['old', 'blocked'], ['planned_only', 'unseen']]);
  expect(unplanned(plan, names).map((one) => one.name)).toEqual(['view_item']);
});

test('a rule is suggested by what was seen, and only where it is certain', () => {
  expect(ruleOf([{ name: 'price', kinds: ['number'], examples: [] }, { name: 'sku', kinds: ['number', 'text'], examples: [] }]).properties).toEqual({ price: 'number' });
});

test('kinds are the server’s', () => {
  expect([12, '12.50', '-3', '0012', 'SKU-1', '', true, [1], { a: 1 }, null].map(kindOf)).toEqual(['number', 'number', 'number', 'number', 'text', 'text', 'bool', 'list', 'object', null]);
  const kept = (properties: object) => ({ position: 1, reason: 'plan.unknown_event', event: { properties } }) as Quarantined;
  expect(factsOf([kept({ price: '9.9', sku: 'A' }), kept({ price: 'dear', gone: null })])).toEqual([{ name: 'price', kinds: ['number', 'text'], examples: [] }, { name: 'sku', kinds: ['text'], examples: [] }]);
});

test('a rule and its form say the same', () => {
  const rule = { description: 'paid', blocked: false, required: ['value', 'currency'], properties: { value: 'number' as const, note: 'text' as const } };
  const form = formOf('purchase', rule);
  expect(form.properties).toEqual([{ name: 'currency', kind: '', required: true }, { name: 'value', kind: 'number', required: true }, { name: 'note', kind: 'text', required: false }]);
  expect(ruleFrom(form)).toEqual({ ...rule, required: ['currency', 'value'] });
});

test('lines that cannot be kept are pointed at', () => {
  const line = (name: string) => ({ name, kind: 'text' as const, required: false });
  expect(propertyFaults([line('a'), line(' '), line('a '), { name: 'b', kind: '', required: false }, { name: 'c', kind: '', required: true }])).toEqual([null, 'property_needed', 'property_twice', 'property_idle', null]);
});

test('what came before and would be refused is said', () => {
  expect(unfit('number', ['number', 'text'])).toEqual(['text']);
  expect(unfit('text', ['number', 'text', 'list'])).toEqual(['list']);
  expect(unfit('', ['list'])).toEqual([]);
});

test('edits leave the old plan untouched', () => {
  expect(Object.keys(withRules(plan, { fresh: {} }).events)).toContain('fresh');
  expect(Object.keys(without(plan, 'old').events)).not.toContain('old');
  expect(Object.keys(plan.events)).toEqual(['purchase', 'old', 'planned_only', 'message_sent']);
});

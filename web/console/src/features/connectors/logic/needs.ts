// What a file of each kind must tell: of every group at least one field.
import type { ImportKind } from '../../../lib/api';

export const IDENTIFIERS = ['user_id', 'unionid', 'openid', 'phone', 'email', 'device_id', 'cookie_id', 'anonymous_id'];

export const NEEDS: { [kind in ImportKind]: string[][] } = {
  orders: [['order_id'], ['time'], ['amount', 'price']],
  events: [['name'], ['time']],
  people: [IDENTIFIERS],
  things: [['thing_id']],
};

/** The groups of which nothing is mapped yet. */
export function missing(kind: ImportKind, mapping: { [field: string]: string }): string[][] {
  return NEEDS[kind].filter((group) => !group.some((field) => mapping[field]));
}

/** Those worth showing at once: needed, guessed or chosen, and the usual ways to know a person. */
export function likely(kind: ImportKind, field: string, guessed: { [field: string]: string }, chosen: { [field: string]: string }): boolean {
  const usual = kind === 'things' ? [] : ['user_id', 'phone', 'email'];
  const needed = kind === 'people' ? [] : NEEDS[kind].flat();
  return [...usual, ...needed].includes(field) || !!guessed[field] || !!chosen[field];
}

/** Fields in the order people look for them: what is needed, then what was guessed, then the rest. */
export function ordered(kind: ImportKind, known: string[], guessed: { [field: string]: string }): string[] {
  const first = kind === 'people' ? ['user_id', 'phone', 'email'] : [...NEEDS[kind].flat(), ...(kind === 'things' ? [] : ['user_id', 'phone', 'email'])];
  const rank = (field: string) => (first.includes(field) ? first.indexOf(field) : guessed[field] ? 100 : 200 + known.indexOf(field));
  return [...known].sort((a, b) => rank(a) - rank(b));
}

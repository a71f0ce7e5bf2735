// What the lines of a condition about people say, and what is missing in them.
import type { Condition, EventTest, NamedTest, PropertyTest, Test, Where } from '../../lib/api';
import { spanParts } from '../../lib/format';
import { type Fault, type Group as GroupOf, children, denied, faultsOf, isGroup, withChildren } from './groups';

export type Kind = 'all' | 'any' | 'not' | 'event' | 'sequence' | 'trait' | 'tag' | 'segment' | 'consent' | 'property';
export type Group = GroupOf<Condition>;
export const AGGREGATES = ['count', 'sum', 'avg', 'min', 'max', 'distinct', 'first', 'last'] as const;
export type Aggregate = (typeof AGGREGATES)[number];
export const OPERATORS = ['eq', 'ne', 'in', 'nin', 'gt', 'gte', 'lt', 'lte', 'between', 'exists', 'contains', 'starts_with', 'matches', 'before', 'after'] as const;
export type Operator = (typeof OPERATORS)[number];

// ---------- events ----------

export function aggregateOf(event: EventTest): Aggregate | null {
  return AGGREGATES.find((key) => event[key] !== undefined) ?? null;
}

export function withAggregate(event: EventTest, next: Aggregate | null): EventTest {
  const old = aggregateOf(event);
  const copy: EventTest = { ...event };
  const kept = old && old !== 'count' ? (event[old] as PropertyTest).property : '';
  for (const key of AGGREGATES) delete copy[key];
  if (next === 'count') copy.count = { gte: 1 };
  else if (next) copy[next] = { property: kept, ...(next === 'first' || next === 'last' ? { eq: '' } : { gte: 1 }) } as PropertyTest;
  return copy;
}

/** The tests of a filter when it is a plain list joined by and (which the line can show); null when it is more. */
export function flatWhere(where: Where | undefined): PropertyTest[] | null {
  if (where === undefined) return [];
  if ('property' in where) return [where as PropertyTest];
  if ('all' in where) {
    const list = (where as { all: Where[] }).all;
    return list.every((one) => 'property' in one) ? (list as PropertyTest[]) : null;
  }
  return null;
}

export function whereOf(tests: PropertyTest[]): Where | undefined {
  if (tests.length === 0) return undefined;
  return tests.length === 1 ? tests[0] : { all: tests };
}

/** The first operator of a test and its operand; further operators are kept by `withOperator` only when it is the same. */
export function operatorOf(test: Test | NamedTest | PropertyTest): { op: Operator; operand: unknown } {
  const op = OPERATORS.find((candidate) => candidate in test) ?? 'eq';
  return { op, operand: (test as Record<string, unknown>)[op] };
}

export function operators(test: object): Operator[] {
  return OPERATORS.filter((op) => op in test);
}

export function withOperator<T extends object>(test: T, op: Operator, operand: unknown): T {
  const copy = { ...test } as Record<string, unknown>;
  for (const key of OPERATORS) delete copy[key];
  copy[op] = operand;
  return copy as T;
}

/** The operand of another operator, keeping what can be kept. */
export function convert(operand: unknown, to: Operator, numeric: boolean): unknown {
  const one = Array.isArray(operand) ? operand[0] : operand;
  if (to === 'exists') return true;
  if (to === 'in' || to === 'nin') return Array.isArray(operand) ? operand : one === undefined || one === '' || typeof one === 'boolean' ? [] : [one];
  if (to === 'between') return Array.isArray(operand) && operand.length === 2 ? operand : numeric ? [one ?? 0, one ?? 0] : ['', ''];
  if (typeof one === 'boolean') return numeric ? 1 : '';
  return one ?? (numeric ? 1 : '');
}

export const fresh = {
  event: (name = ''): Condition => ({ event: { name, within: '30d' } }),
  trait: (name = ''): Condition => ({ trait: { name, eq: '' } as NamedTest }),
  tag: (name = ''): Condition => ({ tag: { name, eq: '' } as NamedTest }),
  segment: (id = ''): Condition => ({ segment: id }),
  consent: (): Condition => ({ consent: { purpose: 'marketing', channel: 'email' } }),
  sequence: (): Condition => ({ sequence: { steps: [{ name: '' }, { name: '' }], within: '1d' } }),
  group: (): Condition => ({ any: [] }),
};

// ---------- what is still missing ----------

export const faults = (tree: Condition) => faultsOf(tree, leafFault);

/** Without the lines that miss something, and the groups they leave empty; null where nothing is left. */
export function complete(tree: Condition): Condition | null {
  if ('not' in tree) {
    const inner = complete(tree.not);
    return inner && (inner === tree.not ? tree : denied(inner));
  }
  if (!isGroup(tree)) return leafFault(tree) ? null : tree;
  const list = children(tree);
  const kept = list.map(complete).filter((child) => child !== null);
  if (kept.length === 0) return null;
  return kept.length === list.length && kept.every((child, i) => child === list[i]) ? tree : withChildren(tree, kept);
}

function leafFault(node: Condition): Fault | null {
  if ('event' in node) return eventFault(node.event);
  if ('sequence' in node) {
    if (node.sequence.steps.length < 2) return 'steps';
    if (node.sequence.steps.some((step) => !step.name)) return 'event';
    if (node.sequence.steps.some((step) => whereFault(step.where))) return 'value';
    return isSpan(node.sequence.within) ? null : 'span';
  }
  if ('trait' in node) return namedFault(node.trait.name, node.trait);
  if ('tag' in node) return namedFault(node.tag.name, node.tag);
  if ('property' in node) return namedFault(node.property.name, node.property);
  if ('segment' in node) return node.segment ? null : 'segment';
  return null;
}

function eventFault(event: EventTest): Fault | null {
  if (!event.name) return 'event';
  if (whereFault(event.where)) return 'value';
  const aggregate = aggregateOf(event);
  if (aggregate && aggregate !== 'count') {
    const test = event[aggregate] as PropertyTest;
    if (!test.property) return 'property';
    if (!hasOperand(test)) return 'value';
  }
  if (aggregate === 'count' && !hasOperand(event.count!)) return 'value';
  if (event.within !== undefined && !isSpan(event.within)) return 'span';
  if (event.between && event.between.some((moment) => !moment)) return 'dates';
  if (event.since && !event.since.trait && !event.since.event) return 'name';
  if (event.since?.within !== undefined && !isSpan(event.since.within)) return 'span';
  return null;
}

function namedFault(name: string, test: object): Fault | null {
  if (!name) return 'name';
  return hasOperand(test) ? null : 'value';
}

function whereFault(where: Where | undefined): boolean {
  if (!where) return false;
  if ('property' in where) return !where.property || !hasOperand(where);
  if ('all' in where) return (where as { all: Where[] }).all.some(whereFault);
  if ('any' in where) return (where as { any: Where[] }).any.some(whereFault);
  return whereFault((where as { not: Where }).not);
}

export function hasOperand(test: object): boolean {
  const ops = operators(test);
  return ops.length > 0 && ops.every((op) => filled((test as Record<string, unknown>)[op]));
}

function filled(operand: unknown): boolean {
  if (Array.isArray(operand)) return operand.length > 0 && operand.every(filled);
  // `-d`: so long before now, and nobody said how long.
  return operand !== '' && operand !== null && operand !== undefined && !/^[+-][smhdw]$/.test(String(operand));
}

export function isSpan(text: string): boolean {
  const read = spanParts(text);
  return read !== null && read.every((part) => part.amount > 0 && 'smhdw'.includes(part.unit));
}

/** Do two conditions say the same? The group around a single line and the order of keys mean nothing. */
export function same(a: Condition, b: Condition): boolean {
  const bare = (one: Condition): Condition => (isGroup(one) && children(one).length === 1 ? bare(children(one)[0]!) : one);
  const text = (one: Condition) => JSON.stringify(bare(one), (_, inner: unknown) => (inner && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([x], [y]) => x.localeCompare(y))) : inner));
  return text(a) === text(b);
}

const KINDS: Kind[] = ['all', 'any', 'not', 'event', 'sequence', 'trait', 'tag', 'segment', 'consent', 'property'];

/** Reads pasted text as a condition; null when it is none. */
export function parse(text: string): Condition | null {
  try {
    const value: unknown = JSON.parse(text);
    const inner = value && typeof value === 'object' && 'condition' in value ? (value as { condition: unknown }).condition : value;
    return looksRight(inner) ? (inner as Condition) : null;
  } catch {
    return null;
  }
}

function looksRight(value: unknown): boolean {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  if (keys.length !== 1 || !KINDS.includes(keys[0] as Kind)) return false;
  const inner = (value as Record<string, unknown>)[keys[0]!];
  if (keys[0] === 'all' || keys[0] === 'any') return Array.isArray(inner) && inner.every(looksRight);
  if (keys[0] === 'not') return looksRight(inner);
  if (keys[0] === 'segment') return typeof inner === 'string';
  if (inner === null || typeof inner !== 'object') return false;
  if (keys[0] === 'sequence') return Array.isArray((inner as { steps?: unknown }).steps);
  if (keys[0] === 'consent') return typeof (inner as { purpose?: unknown }).purpose === 'string';
  return typeof (inner as { name?: unknown }).name === 'string';
}

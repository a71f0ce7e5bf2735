// A line of a portrait as a condition, where the language of conditions can say it.
import type { Condition, Json, PropertyFact, ValueKind } from '../../../lib/api';
import type { Category, Interest, NumberFeature, PortraitResult, Striking } from '../../../lib/api/portraits';

type Ops = { [op: string]: Json };
type Known = { traits: Pick<PropertyFact, 'name' | 'kinds'>[]; tags: Pick<PropertyFact, 'name' | 'kinds'>[] };
/** Events are read over this long. */
export const SPAN = '90d';

/** The bare name of a feature that may carry its kind in front. */
export const nameOf = (feature: string): string => feature.replace(/^(trait|tag|event|value|interest)[:/]/, '');

/** A value comes as text; the condition compares it as what it is. */
function typed(value: string, kinds: ValueKind[]): Json {
  if (kinds.includes('text') || kinds.length === 0) return value;
  if (kinds.includes('bool') && (value === 'true' || value === 'false')) return value === 'true';
  if (kinds.includes('number') && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
  return value;
}

function factTest(kind: 'trait' | 'tag', feature: string, test: (kinds: ValueKind[]) => Ops, known: Known): Condition {
  const name = nameOf(feature);
  const kinds = (kind === 'trait' ? known.traits : known.tags).find((one) => one.name === name)?.kinds ?? [];
  return kind === 'trait' ? { trait: { name, ...test(kinds) } } : { tag: { name, ...test(kinds) } };
}

const equals = (value: string) => (kinds: ValueKind[]): Ops => (kinds.includes('list') && !kinds.includes('text') ? { contains: value } : { eq: typed(value, kinds) });

export const didEvent = (name: string): Condition => ({ event: { name, count: { gte: 1 }, within: SPAN } });

export function interestCondition({ event, property }: Pick<Interest, 'event' | 'property'>, value: string): Condition {
  return { event: { name: event, where: { property, eq: value }, count: { gte: 1 }, within: SPAN } };
}

export function categoryCondition(of: Pick<Category, 'kind' | 'feature'>, value: string, known: Known): Condition | null {
  return of.kind === 'trait' || of.kind === 'tag' ? factTest(of.kind, of.feature, equals(value), known) : null;
}

/** Numbers: from the half of them that is farther from the others. */
export function numberCondition(of: Pick<NumberFeature, 'kind' | 'feature' | 'median' | 'rest_median'>, known: Known): Condition | null {
  if (of.kind !== 'trait' && of.kind !== 'tag') return null;
  return factTest(of.kind, of.feature, (): Ops => (of.median >= of.rest_median ? { gte: of.median } : { lte: of.median }), known);
}

export function strikingCondition(of: Striking, result: Pick<PortraitResult, 'interests' | 'value'>, known: Known): Condition | null {
  if (of.kind === 'event') return didEvent(nameOf(of.feature));
  if (of.kind === 'interest') {
    const name = nameOf(of.feature);
    const interest = result.interests.find((one) => [`${one.event}.${one.property}`, `${one.event}:${one.property}`, `${one.event}/${one.property}`].includes(name));
    return interest && of.value !== null ? interestCondition(interest, of.value) : null;
  }
  if (of.value !== null) return categoryCondition(of, of.value, known);
  return typeof of.median === 'number' && typeof of.rest_median === 'number' ? numberCondition({ kind: of.kind, feature: of.feature, median: of.median, rest_median: of.rest_median }, known) : null;
}

export const REACHES = ['everybody', 'inside', 'outside'] as const;
export type Reach = (typeof REACHES)[number];
/** Of everybody, of them alone, or of all but them. */
export function within(reach: Reach, segment: string, condition: Condition): Condition {
  if (reach === 'inside') return { all: [{ segment }, condition] };
  if (reach === 'outside') return { all: [condition, { not: { segment } }] };
  return { all: [condition] };
}

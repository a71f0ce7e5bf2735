// What may be named in a condition, and who can say more about it.
import type { EventName, PropertyFact } from '../../lib/api';
import type { Names } from './sentence';

/** A fact with the title that people read, and what its values are called. */
export type TitledFact = PropertyFact & { title?: string; labels?: { [value: string]: string } };

export type Facts = {
  events: EventName[];
  traits: PropertyFact[];
  /** Named as conditions name them. */
  tags?: TitledFact[];
  segments: { id: string; name: string; count?: number }[];
  /** The properties seen on events of this name. */
  properties: (event: string) => Promise<PropertyFact[]>;
};

export const NO_FACTS: Facts = { events: [], traits: [], segments: [], properties: async () => [] };

/** What a sentence calls the segments and tags that a condition names by id. */
export function namesOf(facts: Facts): Names {
  const tag = (name: string) => facts.tags?.find((one) => one.name === name);
  return { segment: (id) => facts.segments.find((one) => one.id === id)?.name, tag: (name) => tag(name)?.title, tagValue: (name, value) => tag(name)?.labels?.[value] };
}

const TIME = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)/;

/** The kind that decides operators and inputs; text when nothing is known. Times come as texts. */
export function mainKind(fact: PropertyFact | undefined): 'text' | 'number' | 'boolean' | 'time' | 'list' {
  const kinds = fact?.kinds ?? [];
  if (kinds.includes('number') && !kinds.includes('text')) return 'number';
  if (kinds.includes('bool') && kinds.length === 1) return 'boolean';
  if (fact && fact.examples.length > 0 && fact.examples.every((one) => typeof one === 'string' && TIME.test(one))) return 'time';
  if (kinds.includes('list')) return 'list';
  return 'text';
}

/** The test that a fact of its kind is mostly asked for, still without a value. */
export function freshTest(fact: PropertyFact | undefined): object {
  const kind = mainKind(fact);
  return { [kind === 'number' ? 'gte' : kind === 'time' ? 'after' : kind === 'list' ? 'contains' : 'eq']: '' };
}

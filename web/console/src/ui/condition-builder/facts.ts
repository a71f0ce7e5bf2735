// What may be named in a condition, and who can say more about it.
import type { EventName, PropertyFact } from '../../lib/api';

export type Facts = {
  events: EventName[];
  traits: PropertyFact[];
  /** Named as conditions name them, with the title that people read. */
  tags?: (PropertyFact & { title?: string })[];
  segments: { id: string; name: string; count?: number }[];
  /** The properties seen on events of this name. */
  properties: (event: string) => Promise<PropertyFact[]>;
};

export const NO_FACTS: Facts = { events: [], traits: [], segments: [], properties: async () => [] };

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

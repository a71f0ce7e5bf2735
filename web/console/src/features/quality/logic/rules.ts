// The tracking plan beside what really comes in, and edits that leave the old plan untouched.
import type { EventName, EventRule, PropertyFact, Quarantined, TrackingPlan, ValueKind } from '../../../lib/api';

export const KINDS: ValueKind[] = ['text', 'number', 'bool', 'list', 'object'];

/** Events that the plan does not judge: Weft’s own, and those that say who somebody is or what they agreed to. */
export const HOUSE: ReadonlySet<string> = new Set([
  'identify', 'alias', 'consent_granted', 'consent_withdrawn', 'blacklist_added', 'blacklist_removed', 'segment_entered', 'segment_left', 'journey_entered', 'journey_exited', 'experiment_exposed',
  'message_attempted', 'message_sent', 'message_failed', 'message_suppressed', 'message_unknown', 'message_delivered', 'message_opened', 'message_clicked',
]);

export type LineState = 'planned' | 'unplanned' | 'unseen' | 'blocked' | 'house';
export type Line = { name: string; rule: EventRule | null; seen: EventName | null; state: LineState };

/** Every event of the plan and every one that came, most frequent first. */
export function lines(plan: TrackingPlan, names: EventName[]): Line[] {
  const seen = new Map(names.map((one) => [one.name, one]));
  return [...new Set([...names.map((one) => one.name), ...Object.keys(plan.events)])]
    .map((name) => {
      const rule = plan.events[name] ?? null;
      const came = seen.get(name) ?? null;
      return { name, rule, seen: came, state: stateOf(name, rule, came) };
    })
    .sort((a, b) => (b.seen?.count ?? 0) - (a.seen?.count ?? 0) || a.name.localeCompare(b.name));
}

function stateOf(name: string, rule: EventRule | null, seen: EventName | null): LineState {
  if (HOUSE.has(name)) return 'house';
  if (!rule) return 'unplanned';
  if (rule.blocked) return 'blocked';
  return seen ? 'planned' : 'unseen';
}

/** What would be refused from now on: events that come in and are not in the plan. */
export const unplanned = (plan: TrackingPlan, names: EventName[]): EventName[] => names.filter((one) => !(one.name in plan.events) && !HOUSE.has(one.name));

/** The rule that what came suggests: a kind where only one was seen, and nothing required. */
export function ruleOf(facts: PropertyFact[]): EventRule {
  const certain = facts.flatMap((fact) => (fact.kinds.length === 1 ? [[fact.name, fact.kinds[0]!] as const] : []));
  return { description: '', required: [], properties: Object.fromEntries(certain), blocked: false };
}

/** The server's idea of a value's kind: a short text that is a number counts as one. */
export function kindOf(value: unknown): ValueKind | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'string') return value.length <= 32 && /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value) ? 'number' : 'text';
  return Array.isArray(value) ? 'list' : 'object';
}

/** The properties of events that never came further than the quarantine. */
export function factsOf(kept: Quarantined[]): PropertyFact[] {
  const facts = new Map<string, Set<ValueKind>>();
  for (const { event } of kept) {
    for (const [name, value] of Object.entries(event.properties)) {
      const kind = kindOf(value);
      if (kind) facts.set(name, (facts.get(name) ?? new Set()).add(kind));
    }
  }
  return [...facts].map(([name, kinds]) => ({ name, kinds: [...kinds], examples: [] }));
}

export const withRules = (plan: TrackingPlan, rules: { [name: string]: EventRule }): TrackingPlan => ({ ...plan, events: { ...plan.events, ...rules } });

export function without(plan: TrackingPlan, name: string): TrackingPlan {
  const { [name]: _gone, ...events } = plan.events;
  return { ...plan, events };
}

// ---------- the form of one rule ----------
export type PropertyLine = { name: string; kind: ValueKind | ''; required: boolean };
export type RuleForm = { name: string; description: string; blocked: boolean; properties: PropertyLine[] };

export function formOf(name: string, rule: EventRule): RuleForm {
  const kinds = rule.properties ?? {};
  const required = new Set(rule.required ?? []);
  const names = [...new Set([...required, ...Object.keys(kinds)])].sort((a, b) => Number(required.has(b)) - Number(required.has(a)) || a.localeCompare(b));
  return { name, description: rule.description ?? '', blocked: rule.blocked ?? false, properties: names.map((one) => ({ name: one, kind: kinds[one] ?? '', required: required.has(one) })) };
}

export function ruleFrom(form: RuleForm): EventRule {
  const named = form.properties.map((one) => ({ ...one, name: one.name.trim() }));
  return {
    description: form.description.trim(),
    blocked: form.blocked,
    required: named.filter((one) => one.required).map((one) => one.name),
    properties: Object.fromEntries(named.flatMap((one) => (one.kind ? [[one.name, one.kind]] : []))),
  };
}

export type PropertyFault = 'property_needed' | 'property_twice' | 'property_idle';

/** What is wrong with each line, in their order. A line that demands nothing has no place in a rule. */
export function propertyFaults(properties: PropertyLine[]): (PropertyFault | null)[] {
  const names = properties.map((one) => one.name.trim());
  return properties.map((one, i) => (!names[i] ? 'property_needed' : names.indexOf(names[i]) < i ? 'property_twice' : !one.kind && !one.required ? 'property_idle' : null));
}

/** Kinds that came and would not be taken. Digits are text too, so a number seen says nothing against text. */
export function unfit(kind: ValueKind | '', seen: ValueKind[]): ValueKind[] {
  return kind === '' ? [] : seen.filter((one) => one !== kind && !(kind === 'text' && one === 'number'));
}

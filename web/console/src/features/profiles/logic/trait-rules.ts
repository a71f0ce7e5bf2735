// The rules of traits as the page holds them.
import type { PropertyFact, TraitRule, TraitRules } from '../../../lib/api';
import type { Language } from '../../../lib/i18n';
import { factLabel } from '../../../lib/vocabulary';

export const NO_RULE: TraitRule = { sources: [], is_sensitive: false };

const saysNothing = (rule: TraitRule) => rule.sources.length === 0 && !rule.is_sensitive;

/** A rule that says nothing is none. */
export function withRule(rules: TraitRules, name: string, rule: TraitRule): TraitRules {
  const { [name]: _before, ...others } = rules.traits;
  const traits = saysNothing(rule) ? others : { ...others, [name]: rule };
  return { traits: Object.fromEntries(Object.entries(traits).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** The same whatever the order of the names. */
export const sameRules = (a: TraitRules, b: TraitRules) => JSON.stringify(withRule(a, '', NO_RULE)) === JSON.stringify(withRule(b, '', NO_RULE));

/** One place towards the beginning or the end. */
export function moved(list: string[], at: number, by: -1 | 1): string[] {
  const to = at + by;
  if (to < 0 || to >= list.length) return list;
  return list.map((one, i) => (i === at ? list[to]! : i === to ? list[at]! : one));
}

/** Those with rules first (as saved, so that no line runs away while it is changed), then by what they are called. */
export function traitNames(facts: PropertyFact[], saved: TraitRules, now: TraitRules, q: string, lang: Language): string[] {
  const wanted = q.trim().toLowerCase();
  const all = new Set([...facts.map((one) => one.name), ...Object.keys(saved.traits), ...Object.keys(now.traits)]);
  return [...all]
    .filter((name) => name.toLowerCase().includes(wanted) || factLabel(name, lang).toLowerCase().includes(wanted))
    .sort((a, b) => Number(b in saved.traits) - Number(a in saved.traits) || factLabel(a, lang).localeCompare(factLabel(b, lang), lang));
}

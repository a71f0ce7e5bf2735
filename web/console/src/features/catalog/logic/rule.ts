// The rule of a tag of things as the pages hold it: flat lists of tests, joined by all or any.
import type { AttributeTest, FigureTest, ThingCondition, ThingTagRule, ThingTagTemplate } from '../../../lib/api';
import type { Language } from '../../../lib/i18n';

export type Leaf = { attribute: AttributeTest } | { figure: FigureTest };
export type Flat = { join: 'all' | 'any'; tests: Leaf[] };

const isLeaf = (condition: ThingCondition): condition is Leaf => 'attribute' in condition || 'figure' in condition;

/** As a flat list; null where it is deeper than that. */
export function flatOf(condition: ThingCondition): Flat | null {
  if (isLeaf(condition)) return { join: 'all', tests: [condition] };
  if ('not' in condition) return null;
  const [join, children] = 'all' in condition ? (['all', condition.all] as const) : (['any', condition.any] as const);
  return children.every(isLeaf) ? { join, tests: children } : null;
}

export const conditionOf = ({ join, tests }: Flat): ThingCondition => (join === 'all' ? { all: tests } : { any: tests });

export const emptyLeaf = (kind: 'attribute' | 'figure'): Leaf => (kind === 'attribute' ? { attribute: { name: '', eq: '' } } : { figure: { event: '', of: 'events', days: 30, gte: 1 } });

export const emptyRule = (kind: 'ladder' | 'share' | 'hand'): ThingTagRule => {
  if (kind === 'hand') return { assigned: [{ value: '' }] };
  if (kind === 'share') return { share: { event: '', of: 'amount', days: 90, values: [{ value: 'A', to: 70 }, { value: 'B', to: 90 }, { value: 'C', to: 100 }] } };
  return { values: [{ value: '', condition: { all: [emptyLeaf('attribute')] } }] };
};

export const kindOf = (rule: ThingTagRule): 'ladder' | 'share' | 'hand' => (rule.share ? 'share' : rule.assigned ? 'hand' : 'ladder');

const isFilled = (operand: unknown): boolean => (Array.isArray(operand) ? operand.length > 0 : operand !== '' && operand !== undefined && operand !== null);

function isWholeTest(test: Leaf): boolean {
  const { name, rest } = 'attribute' in test ? named(test.attribute, 'name') : named(test.figure, 'event', 'of', 'days');
  const operands = Object.values(rest);
  return !!name.trim() && operands.length > 0 && operands.every(isFilled);
}

function named(test: { [key: string]: unknown }, key: string, ...beside: string[]) {
  const rest = { ...test };
  for (const one of [key, ...beside]) delete rest[one];
  return { name: String(test[key] ?? ''), rest };
}

const areDifferent = (values: string[]) => values.length > 0 && values.every((one) => one.trim()) && new Set(values.map((one) => one.trim())).size === values.length;

/** What the server would refuse for being empty or twice; it says the rest. */
export function isWhole(rule: ThingTagRule): boolean {
  if (rule.assigned) return areDifferent(rule.assigned.map((one) => one.value));
  if (rule.share) return !!rule.share.event && rule.share.days >= 1 && areDifferent([...rule.share.values.map((one) => one.value), ...(rule.otherwise ? [rule.otherwise] : [])]);
  const values = rule.values ?? [];
  const tested = values.every((one) => {
    const flat = flatOf(one.condition);
    return !flat || (flat.tests.length > 0 && flat.tests.every(isWholeTest));
  });
  return tested && areDifferent([...values.map((one) => one.value), ...(rule.otherwise ? [rule.otherwise] : [])]);
}

export const templateTitle = (template: ThingTagTemplate, lang: Language) => (lang === 'zh' ? template.title_zh : template.title_en);

/** Names of templates may be taken: then they get a number. */
export function freeName(wanted: string, taken: Set<string>): string {
  if (!taken.has(wanted)) return wanted;
  let n = 2;
  while (taken.has(`${wanted}_${n}`)) n += 1;
  return `${wanted}_${n}`;
}

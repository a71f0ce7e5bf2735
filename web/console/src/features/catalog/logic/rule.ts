// The rule of a tag of things as the pages hold it.
import type { ThingTagRule, ThingTagTemplate } from '../../../lib/api';
import type { Language } from '../../../lib/i18n';
import { freshLine, isWholeCondition } from './condition';

export const emptyRule = (kind: 'ladder' | 'share' | 'hand'): ThingTagRule => {
  if (kind === 'hand') return { assigned: [{ value: '' }] };
  if (kind === 'share') return { share: { event: '', of: 'amount', days: 90, values: [{ value: 'A', to: 70 }, { value: 'B', to: 90 }, { value: 'C', to: 100 }] } };
  return { values: [{ value: '', condition: { all: [freshLine.attribute()] } }] };
};

export const kindOf = (rule: ThingTagRule): 'ladder' | 'share' | 'hand' => (rule.share ? 'share' : rule.assigned ? 'hand' : 'ladder');

const areDifferent = (values: string[]) => values.length > 0 && values.every((one) => one.trim()) && new Set(values.map((one) => one.trim())).size === values.length;

/** What the server would refuse for being empty or twice; it says the rest. */
export function isWhole(rule: ThingTagRule): boolean {
  if (rule.assigned) return areDifferent(rule.assigned.map((one) => one.value));
  if (rule.share) return !!rule.share.event && rule.share.days >= 1 && areDifferent([...rule.share.values.map((one) => one.value), ...(rule.otherwise ? [rule.otherwise] : [])]);
  const values = rule.values ?? [];
  return values.every((one) => isWholeCondition(one.condition)) && areDifferent([...values.map((one) => one.value), ...(rule.otherwise ? [rule.otherwise] : [])]);
}

export const templateTitle = (template: ThingTagTemplate, lang: Language) => (lang === 'zh' ? template.title_zh : template.title_en);

/** Names of templates may be taken: then they get a number. */
export function freeName(wanted: string, taken: Set<string>): string {
  if (!taken.has(wanted)) return wanted;
  let n = 2;
  while (taken.has(`${wanted}_${n}`)) n += 1;
  return `${wanted}_${n}`;
}

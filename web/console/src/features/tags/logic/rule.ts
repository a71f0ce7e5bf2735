// A tag's rule as the pages hold it.
import type { TagRule, TagTemplate } from '../../../lib/api';
import type { Language } from '../../../lib/i18n';
import { faults, size } from '../../../ui/condition-builder';

export const FUNCTIONS = ['count', 'sum', 'avg', 'min', 'max', 'distinct', 'first', 'last'] as const;
export const SPANS = ['', '7d', '30d', '60d', '90d', '180d', '365d'] as const;

export const emptyLadder = (): TagRule => ({ values: [{ value: '', condition: { all: [] } }] });
export const emptyStatistic = (): TagRule => ({ statistic: { event: { name: '', within: '30d' }, function: 'count' } });

export const emptyHand = (): TagRule => ({ assigned: { by: 'hand', values: [{ value: '' }] } });

/** What the rule is, in one word. */
export const kindOf = (rule: TagRule): 'statistic' | 'ladder' | 'by_hand' | 'by_model' => (rule.statistic ? 'statistic' : rule.assigned ? `by_${rule.assigned.by}` : 'ladder');

/** What the server would refuse for being empty; it says the rest. */
export function isWhole(rule: TagRule): boolean {
  if (rule.statistic) return !!rule.statistic.event.name && (rule.statistic.function === 'count' || !!rule.statistic.property);
  if (rule.assigned) {
    const said = (rule.assigned.values ?? []).map((one) => one.value.trim());
    return said.every(Boolean) && new Set(said).size === said.length && !(rule.assigned.values && said.length === 0);
  }
  const values = rule.values ?? [];
  const named = values.every((one) => one.value.trim() && size(one.condition) > 0 && Object.keys(faults(one.condition)).length === 0);
  return values.length > 0 && named && new Set(values.map((one) => one.value.trim())).size === values.length;
}

/** Names of templates may be taken: then they get a number. */
export function freeName(wanted: string, taken: Set<string>): string {
  if (!taken.has(wanted)) return wanted;
  let n = 2;
  while (taken.has(`${wanted}_${n}`)) n += 1;
  return `${wanted}_${n}`;
}

export const titleOf = (template: TagTemplate, lang: Language) => (lang === 'zh' ? template.title_zh : template.title_en);

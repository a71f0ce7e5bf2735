// Labels that brands write in both languages, and what the values of a tag are called.
import type { TagRule } from './api';
import type { Language } from './i18n';

/** Labels are written `中文 · English`; each reader sees their half. */
export function half(label: string, lang: Language): string {
  const [zh, en] = label.split(' · ');
  return lang === 'zh' || en === undefined ? zh! : en;
}

/** The values a rule names, with what people read. */
export const namedValues = (rule: TagRule): { value: string; label?: string | null }[] => [...(rule.values ?? rule.assigned?.values ?? []), ...(rule.otherwise ? [{ value: rule.otherwise }] : [])];

/** What a value of a tag is called. */
export function valueText(value: unknown, rule: TagRule | undefined, lang: Language): string {
  const label = rule && namedValues(rule).find((one) => one.value === value)?.label;
  return label ? half(label, lang) : String(value);
}

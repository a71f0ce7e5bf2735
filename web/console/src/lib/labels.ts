// Labels that brands write in both languages, what the values of a tag are called, and what models call what they look at.
import type { TagRule } from './api';
import type { Language } from './i18n';
import { eventLabel, factLabel, valueLabel } from './vocabulary';

/** Labels are written `中文 · English`; each reader sees their half. */
export function half(label: string, lang: Language): string {
  const [zh, en] = label.split(' · ');
  return lang === 'zh' || en === undefined ? zh! : en;
}

/** What the house proposes is called by what it asks (`purchase · days since`); what people called it stays. */
export function featureText(label: string, lang: Language): string {
  const [, name, what, property] = /^(.+) · (count|days since|sum of (.+))$/.exec(label) ?? [];
  if (!name || !what) return factLabel(half(label, lang), lang);
  const event = eventLabel(name, lang);
  if (what === 'count') return lang === 'zh' ? `${event}次数` : `${event}: times`;
  if (what === 'days since') return lang === 'zh' ? `距上次${event}天数` : `Days since ${event}`;
  return lang === 'zh' ? `${event}${factLabel(property, lang)}合计` : `${event}: sum of ${factLabel(property, lang)}`;
}

/** How values are written that a model names itself, before anybody does: `purchase count ↓, city 上海 / 北京`. */
function ownName(label: string, lang: Language): string {
  const piece = (text: string): string => {
    const [, feature, test] = /^(\w+(?: (?:count|days since|sum of \w+))?) (.+)$/.exec(text) ?? [];
    if (!feature || !test) return text;
    const name = featureText(feature.replace(' ', ' · '), lang);
    // A name of somebody's own stays as it is.
    if (name === feature) return text;
    if (test === '↑') return lang === 'zh' ? `${name}偏高` : `${name}: high`;
    if (test === '↓') return lang === 'zh' ? `${name}偏低` : `${name}: low`;
    return `${name} ${/^[≤>]| – /.test(test) ? test : test.split(' / ').map((one) => valueLabel(feature, one, lang)).join(lang === 'zh' ? '、' : ', ')}`;
  };
  return label.split(', ').map(piece).join(lang === 'zh' ? '，' : ', ');
}

/** The values a rule names, with what people read. */
export const namedValues = (rule: TagRule): { value: string; label?: string | null }[] => [...(rule.values ?? rule.assigned?.values ?? []), ...(rule.otherwise ? [{ value: rule.otherwise }] : [])];

/** What a value of a tag is called. */
export function valueText(value: unknown, rule: TagRule | undefined, lang: Language): string {
  const label = rule && namedValues(rule).find((one) => one.value === value)?.label;
  if (!label) return String(value);
  return rule.assigned?.by === 'model' ? ownName(half(label, lang), lang) : half(label, lang);
}

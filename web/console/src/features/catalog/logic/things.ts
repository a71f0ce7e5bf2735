// Things as the pages hold them: what types and values are called, and attributes as people type them.
import type { Attribute, Attributes, ThingTag, ThingTagRule, ThingType } from '../../../lib/api';
import type { Language } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { cw } from '../words';

/** Types that everybody has a word for. */
const READY = ['goods', 'store', 'coupon', 'article', 'item', 'product'] as const;

export function typeTitle(type: ThingType | string, lang: Language): string {
  const [word, title] = typeof type === 'string' ? [type, ''] : [type.type, type.settings.title ?? ''];
  if (title) return half(title, lang);
  const ready = READY.find((one) => one === word);
  return ready ? cw.words[`type_${ready}`][lang === 'zh' ? 0 : 1] : word;
}

/** `88` is a number, `true` is true, `a|b` is a list; a number that begins with a zero is an id or a code, and stays a text. */
export function readAttribute(text: string): Attribute {
  const said = text.trim();
  if (said.includes('|')) return said.split('|').map((one) => readScalar(one.trim())).filter((one) => one !== '');
  return readScalar(said);
}

function readScalar(said: string): string | number | boolean {
  if (said === 'true') return true;
  if (said === 'false') return false;
  return isPlainNumber(said) ? Number(said) : said;
}

/** A number that is written again as it was read: no digit is lost, and no code becomes one. */
export const isPlainNumber = (text: string) => /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(text) && !/^-0(\.0*)?$/.test(text);

export const showAttribute = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(' | ') : value === null || value === undefined ? '' : String(value));

export type Row = { name: string; text: string };
export const rowsOf = (attributes: Attributes): Row[] => Object.entries(attributes).map(([name, value]) => ({ name, text: showAttribute(value) }));

/** What was not touched keeps its kind, so that the text `0012` or `88.00` stays one. */
export function attributesOf(rows: Row[], before: Attributes): Attributes {
  const found: Attributes = {};
  for (const { name, text } of rows) {
    const key = name.trim();
    if (!key || !text.trim()) continue;
    const was = before[key];
    found[key] = was !== undefined && showAttribute(was) === text ? was : readAttribute(text);
  }
  return found;
}

// ---------- tags ----------
export const namedValues = (rule: ThingTagRule): { value: string; label?: string | null }[] => [...(rule.values ?? rule.share?.values ?? rule.assigned ?? []), ...(rule.otherwise ? [{ value: rule.otherwise }] : [])];

export function valueText(value: string, rule: ThingTagRule | undefined, lang: Language): string {
  const label = rule && namedValues(rule).find((one) => one.value === value)?.label;
  return label ? half(label, lang) : value;
}

export const tagOf = (tags: ThingTag[] | undefined, name: string) => tags?.find((one) => one.name === name);

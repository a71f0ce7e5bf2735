// What results say, as sentences in both languages.
import type { Condition } from '../../../lib/api';
import type { Cluster, Feature, LeafRule, LeafTest, Model, Telling } from '../../../lib/api/models';
import { number } from '../../../lib/format';
import type { Language } from '../../../lib/i18n';
import { featureText } from '../../../lib/labels';
import { valueLabel } from '../../../lib/vocabulary';

const pick = (lang: Language, zh: string, en: string) => (lang === 'zh' ? zh : en);
const quote = (text: string, lang: Language) => pick(lang, `「${text}」`, `“${text}”`);

/** Of the large ones no digits, of the small ones two that say something. */
export const figure = (value: number, lang: Language) => number(value, lang, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 2);

/** Times are whole: at most 1.5 is at most 1, and more than 1.5 is at least 2. */
const isTimes = (feature: string) => feature.endsWith(' · count');

/** Values as they are called, with the word for those of whom it is not known. */
function valuesText(feature: string, values: string[], lang: Language): string {
  return values.map((one) => (one === '?' ? pick(lang, '未知', 'unknown') : valueLabel(feature, one, lang))).join(pick(lang, '、', ', '));
}

function testText(feature: string, test: LeafTest, lang: Language): string {
  const times = isTimes(feature);
  if ('unknown' in test) return test.unknown ? pick(lang, '未知', 'is unknown') : pick(lang, '有值', 'is known');
  if ('at_most' in test) return pick(lang, `不超过 ${figure(times ? Math.floor(test.at_most) : test.at_most, lang)}`, `is at most ${figure(times ? Math.floor(test.at_most) : test.at_most, lang)}`);
  if ('more_than' in test) return times ? pick(lang, `至少 ${figure(Math.floor(test.more_than) + 1, lang)}`, `is at least ${figure(Math.floor(test.more_than) + 1, lang)}`) : pick(lang, `大于 ${figure(test.more_than, lang)}`, `is more than ${figure(test.more_than, lang)}`);
  if ('between' in test) {
    const [low, high] = times ? [Math.floor(test.between[0]) + 1, Math.floor(test.between[1])] : test.between;
    if (low === high) return pick(lang, `是 ${figure(low, lang)}`, `is ${figure(low, lang)}`);
    return pick(lang, `在 ${figure(low, lang)} 到 ${figure(high, lang)} 之间`, `is between ${figure(low, lang)} and ${figure(high, lang)}`);
  }
  const list = valuesText(feature, test.one_of, lang);
  return test.one_of.length === 1 ? pick(lang, `是 ${list}`, `is ${list}`) : pick(lang, `是 ${list} 之一`, `is one of ${list}`);
}

/** The way into a node, short enough to be drawn: `≤ 30.19 / ?` and `store / tmall` as the house writes them. */
export function wayText(feature: string, test: string, lang: Language): string {
  const [, sign, bound, unknown] = /^([≤>]) ([-\d.,]+)( \/ \?)?$/.exec(test) ?? [];
  if (!sign || !bound) return valuesText(feature, test.replace(/^ \/ /, '').split(' / '), lang);
  const at = Number(bound.replaceAll(',', ''));
  const said = isTimes(feature) ? (sign === '>' ? `≥ ${figure(Math.floor(at) + 1, lang)}` : `≤ ${figure(Math.floor(at), lang)}`) : `${sign} ${figure(at, lang)}`;
  return unknown ? `${said}${pick(lang, ' 或未知', ' or unknown')}` : said;
}

/** A leaf as a sentence: how one comes to it from the way in. */
export function ruleText(rule: LeafRule[], lang: Language): string {
  if (rule.length === 0) return pick(lang, '所有人', 'Everybody');
  return rule
    .map(({ feature, test, or_unknown }) => `${quote(featureText(feature, lang), lang)}${pick(lang, '', ' ')}${testText(feature, test, lang)}${or_unknown ? pick(lang, '（或未知）', ' (or unknown)') : ''}`)
    .join(pick(lang, '，并且', ', and '));
}

/** What tells a cluster: `消费金额偏高`. */
export function tellingText({ feature, value, sign }: Telling, lang: Language): string {
  const name = featureText(feature, lang);
  const said = value == null ? '' : valueLabel(feature, value, lang);
  switch (sign) {
    case 'high':
      return pick(lang, `${name}偏高`, `${name}: high`);
    case 'low':
      return pick(lang, `${name}偏低`, `${name}: low`);
    case 'frequent':
      return pick(lang, `${name}多为 ${said}`, `${name}: often ${said}`);
    case 'rare':
      return pick(lang, `${name}少有 ${said}`, `${name}: seldom ${said}`);
  }
}

/** What tells a group most, for a name that says something where nobody gave one. */
export function groupName(cluster: Pick<Cluster, 'telling'>, lang: Language): string {
  return cluster.telling
    .slice(0, 2)
    .map((one) => tellingText(one, lang))
    .join(pick(lang, '，', ', '));
}

/** How surely a cluster is found again among people drawn anew. */
export function steadiness(jaccard: number | null | undefined): 'firm' | 'steady' | 'loose' | 'shaky' | null {
  if (jaccard == null) return null;
  return jaccard >= 0.85 ? 'firm' : jaccard >= 0.75 ? 'steady' : jaccard >= 0.6 ? 'loose' : 'shaky';
}

/** How well a score tells them apart. */
export const discernment = (auc: number): 'excellent' | 'good' | 'fair' | 'poor' => (auc >= 0.9 ? 'excellent' : auc >= 0.75 ? 'good' : auc >= 0.65 ? 'fair' : 'poor');

/** The outcome of a model as a condition that any segment takes. */
export const valueCondition = (model: Pick<Model, 'name'>, value: string): Condition => ({ tag: { name: model.name, eq: value } });

/** The same feature is named by what it asks, not by its label. */
export function featureKey(feature: Feature): string {
  const { label: _label, ...asks } = feature;
  return JSON.stringify(asks);
}

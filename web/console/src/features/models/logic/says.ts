// What results say, as sentences in both languages.
import type { Condition } from '../../../lib/api';
import { number } from '../../../lib/format';
import type { Language } from '../../../lib/i18n';
import { half } from '../../../lib/labels';
import { eventLabel, factLabel } from '../../../lib/vocabulary';
import type { Cluster, Feature, LeafRule, LeafTest, Model, Telling } from './types';

const pick = (lang: Language, zh: string, en: string) => (lang === 'zh' ? zh : en);
const quote = (text: string, lang: Language) => pick(lang, `「${text}」`, `“${text}”`);

/** What the house proposes is called by what it asks (`purchase · days since`); what people called it stays. */
export function featureText(label: string, lang: Language): string {
  const [, name, what, property] = /^(.+) · (count|days since|sum of (.+))$/.exec(label) ?? [];
  if (!name || !what) return factLabel(half(label, lang), lang);
  const event = eventLabel(name, lang);
  if (what === 'count') return pick(lang, `${event}次数`, `${event}: times`);
  if (what === 'days since') return pick(lang, `距上次${event}天数`, `Days since ${event}`);
  return pick(lang, `${event}${factLabel(property, lang)}合计`, `${event}: sum of ${factLabel(property, lang)}`);
}

/** Of the large ones no digits, of the small ones two that say something. */
export const figure = (value: number, lang: Language) => number(value, lang, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 1 : 2);

function testText(test: LeafTest, lang: Language): string {
  if ('unknown' in test) return test.unknown ? pick(lang, '未知', 'is unknown') : pick(lang, '有值', 'is known');
  if ('at_most' in test) return pick(lang, `不大于 ${figure(test.at_most, lang)}`, `is at most ${figure(test.at_most, lang)}`);
  if ('more_than' in test) return pick(lang, `大于 ${figure(test.more_than, lang)}`, `is more than ${figure(test.more_than, lang)}`);
  if ('between' in test) return pick(lang, `在 ${figure(test.between[0], lang)} 到 ${figure(test.between[1], lang)} 之间`, `is between ${figure(test.between[0], lang)} and ${figure(test.between[1], lang)}`);
  const list = test.one_of.join(pick(lang, '、', ', '));
  return test.one_of.length === 1 ? pick(lang, `是 ${list}`, `is ${list}`) : pick(lang, `是 ${list} 之一`, `is one of ${list}`);
}

/** A leaf as a sentence: how one comes to it from the way in. */
export function ruleText(rule: LeafRule[], lang: Language): string {
  if (rule.length === 0) return pick(lang, '所有人', 'Everybody');
  return rule
    .map(({ feature, test, or_unknown }) => `${quote(featureText(feature, lang), lang)}${pick(lang, '', ' ')}${testText(test, lang)}${or_unknown ? pick(lang, '（或未知）', ' (or unknown)') : ''}`)
    .join(pick(lang, '，并且', ', and '));
}

/** What tells a cluster: `消费金额偏高`. */
export function tellingText({ feature, value, sign }: Telling, lang: Language): string {
  const name = featureText(feature, lang);
  const said = value ?? '';
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

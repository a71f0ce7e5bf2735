// A condition as a sentence, in Chinese as marketers write it and in plain English.
import type { Condition, EventStep, EventTest, PropertyTest, Test, Where } from '../../lib/api';
import { span } from '../../lib/format';
import type { Language } from '../../lib/i18n';
import { channelLabel, eventLabel, factLabel, purposeLabel } from '../../lib/vocabulary';
import { type Aggregate, aggregateOf, bare, children, isGroup, operators } from './tree';

export type Names = { segment?: (id: string) => string | undefined };

const quote = (text: string, lang: Language) => (lang === 'zh' ? `「${text}」` : `“${text}”`);
const pick = (lang: Language, zh: string, en: string) => (lang === 'zh' ? zh : en);

export function operandText(operand: unknown, lang: Language): string {
  if (Array.isArray(operand)) return operand.map((one) => operandText(one, lang)).join(lang === 'zh' ? '、' : ', ');
  if (typeof operand === 'boolean') return pick(lang, operand ? '是' : '否', operand ? 'yes' : 'no');
  const text = String(operand ?? '');
  if (text === '') return '…';
  const relative = /^([+-])(\d.*)$/.exec(text);
  if (relative && typeof operand === 'string') {
    const length = span(relative[2]!, lang);
    if (length !== relative[2]) return relative[1] === '-' ? pick(lang, `${length}前`, `${length} ago`) : pick(lang, `${length}后`, `${length} from now`);
  }
  return text;
}

/** One comparison in words: 等于 咖啡, is coffee. */
export function comparison(op: string, operand: unknown, lang: Language): string {
  const value = operandText(operand, lang);
  const range = Array.isArray(operand) ? operand.map((one) => operandText(one, lang)) : [value, value];
  switch (op) {
    case 'eq': return pick(lang, `是 ${value}`, `is ${value}`);
    case 'ne': return pick(lang, `不是 ${value}`, `is not ${value}`);
    case 'in': return pick(lang, `是 ${value} 之一`, `is one of ${value}`);
    case 'nin': return pick(lang, `不是 ${value} 中的任何一个`, `is none of ${value}`);
    case 'gt': return pick(lang, `大于 ${value}`, `is more than ${value}`);
    case 'gte': return pick(lang, `不小于 ${value}`, `is at least ${value}`);
    case 'lt': return pick(lang, `小于 ${value}`, `is less than ${value}`);
    case 'lte': return pick(lang, `不大于 ${value}`, `is at most ${value}`);
    case 'between': return pick(lang, `在 ${range[0]} 到 ${range[1]} 之间`, `is between ${range[0]} and ${range[1]}`);
    case 'exists': return operand === false ? pick(lang, '没有值', 'is not known') : pick(lang, '有值', 'is known');
    case 'contains': return pick(lang, `包含 ${value}`, `contains ${value}`);
    case 'starts_with': return pick(lang, `以 ${value} 开头`, `starts with ${value}`);
    case 'matches': return pick(lang, `匹配 ${value}`, `matches ${value}`);
    case 'before': return pick(lang, `早于 ${value}`, `is before ${value}`);
    case 'after': return pick(lang, `晚于 ${value}`, `is after ${value}`);
    default: return `${op} ${value}`;
  }
}

export function testText(test: object, lang: Language): string {
  const ops = operators(test);
  if (ops.length === 0) return '…';
  return ops.map((op) => comparison(op, (test as Record<string, unknown>)[op], lang)).join(pick(lang, ' 且 ', ' and '));
}

export function whereText(where: Where | undefined, lang: Language): string {
  if (!where) return '';
  if ('property' in where) return `${factLabel((where as PropertyTest).property, lang) || '…'} ${testText(where, lang)}`;
  if ('all' in where) return (where as { all: Where[] }).all.map((one) => inner(one, lang)).join(pick(lang, '，且 ', ' and '));
  if ('any' in where) return (where as { any: Where[] }).any.map((one) => inner(one, lang)).join(pick(lang, '，或 ', ' or '));
  return pick(lang, `不满足（${whereText((where as { not: Where }).not, lang)}）`, `not (${whereText((where as { not: Where }).not, lang)})`);
}
const inner = (where: Where, lang: Language) => ('property' in where ? whereText(where, lang) : `(${whereText(where, lang)})`);

export function stepText(step: EventStep, lang: Language): string {
  const filter = whereText(step.where, lang);
  return quote(eventLabel(step.name, lang) || '…', lang) + (filter ? pick(lang, `（${filter}）`, ` (${filter})`) : '');
}

const FUNCTIONS: { [key in Aggregate]: readonly [zh: string, en: string] } = {
  count: ['次数', 'count'], sum: ['总和', 'total'], avg: ['平均值', 'average'], min: ['最小值', 'minimum'], max: ['最大值', 'maximum'], distinct: ['不同值的个数', 'number of different values'], first: ['首次的值', 'first value'], last: ['最近一次的值', 'last value'],
};
export const aggregateLabel = (key: Aggregate, lang: Language) => FUNCTIONS[key][lang === 'zh' ? 0 : 1];

function timesText(count: Test, lang: Language): string {
  const ops = operators(count);
  return ops
    .map((op) => {
      const operand = (count as Record<string, unknown>)[op];
      const n = operandText(operand, lang);
      const times = lang === 'en' && n === '1' ? 'time' : 'times';
      switch (op) {
        case 'gte': return pick(lang, `至少 ${n} 次`, `at least ${n} ${times}`);
        case 'gt': return pick(lang, `超过 ${n} 次`, `more than ${n} ${times}`);
        case 'lte': return pick(lang, `至多 ${n} 次`, `at most ${n} ${times}`);
        case 'lt': return pick(lang, `少于 ${n} 次`, `fewer than ${n} ${times}`);
        case 'eq': return pick(lang, `恰好 ${n} 次`, `exactly ${n} ${times}`);
        case 'between': {
          const [low, high] = Array.isArray(operand) ? operand : [operand, operand];
          return pick(lang, `${String(low)} 到 ${String(high)} 次`, `between ${String(low)} and ${String(high)} times`);
        }
        default: return pick(lang, `次数${comparison(op, operand, lang)}`, `a number of times that ${comparison(op, operand, lang)}`);
      }
    })
    .join(pick(lang, ' 且 ', ' and '));
}

export function windowText(event: EventTest, lang: Language): string {
  if (event.within) return pick(lang, `最近 ${span(event.within, lang)}内`, `in the last ${span(event.within, lang)}`);
  if (event.between) return pick(lang, `${event.between[0] || '…'} 到 ${event.between[1] || '…'} 之间`, `between ${event.between[0] || '…'} and ${event.between[1] || '…'}`);
  if (event.since) {
    const { trait, event: name, which, within } = event.since;
    const anchor = name
      ? pick(lang, `${which === 'first' ? '首次' : '最近一次'}${quote(eventLabel(name, lang), lang)}`, `the ${which === 'first' ? 'first' : 'last'} ${quote(eventLabel(name, lang), lang)}`)
      : quote(factLabel(trait, lang) || '…', lang);
    if (within) return pick(lang, `${anchor}之后 ${span(within, lang)}内`, `within ${span(within, lang)} after ${anchor}`);
    return pick(lang, `${anchor}之后`, `after ${anchor}`);
  }
  return '';
}

function eventText(event: EventTest, negated: boolean, lang: Language): string {
  const what = stepText(event, lang);
  const when = windowText(event, lang);
  const aggregate = aggregateOf(event);
  if (lang === 'zh') {
    if (!aggregate) return `${when}${negated ? '没有做过' : '做过'}${what}`;
    if (aggregate === 'count') return `${negated ? '并非' : ''}${when}做过${what}${timesText(event.count!, lang)}`;
    const test = event[aggregate] as PropertyTest;
    return `${negated ? '并非' : ''}${when}${what}的${factLabel(test.property, lang) || '…'}${aggregateLabel(aggregate, lang)}${testText(test, lang)}`;
  }
  const tail = when ? ` ${when}` : '';
  if (!aggregate) return `${negated ? 'did not do' : 'did'} ${what}${tail}`;
  if (aggregate === 'count') return `${negated ? 'did not do' : 'did'} ${what} ${timesText(event.count!, lang)}${tail}`;
  const test = event[aggregate] as PropertyTest;
  return `${negated ? 'not: ' : ''}the ${aggregateLabel(aggregate, lang)} of ${factLabel(test.property, lang) || '…'} over ${what} ${testText(test, lang)}${tail}`;
}

function leaf(node: Condition, negated: boolean, lang: Language, names: Names): string {
  if ('event' in node) return eventText(node.event, negated, lang);
  if ('sequence' in node) {
    const steps = node.sequence.steps.map((step) => stepText(step, lang));
    const within = span(node.sequence.within, lang);
    return pick(lang, `${within}内${negated ? '没有' : ''}依次做过${steps.join(' → ')}`, `${negated ? 'did not do' : 'did'} ${steps.join(', then ')} within ${within}`);
  }
  if ('trait' in node || 'tag' in node || 'property' in node) {
    const test = 'trait' in node ? node.trait : 'tag' in node ? node.tag : node.property;
    const noun = 'tag' in node ? pick(lang, '标签', 'tag ') : '';
    return `${negated ? pick(lang, '并非', 'not: ') : ''}${noun}${quote(factLabel(test.name, lang) || '…', lang)}${lang === 'en' ? ' ' : ''}${testText(test, lang)}`;
  }
  if ('segment' in node) {
    const name = quote(names.segment?.(node.segment) ?? (node.segment || '…'), lang);
    return negated ? pick(lang, `不属于人群${name}`, `is not in segment ${name}`) : pick(lang, `属于人群${name}`, `is in segment ${name}`);
  }
  if ('consent' in node) {
    const channel = node.consent.channel ? channelLabel(node.consent.channel, lang) : '';
    const purpose = purposeLabel(node.consent.purpose, lang);
    return pick(lang, `${negated ? '未同意' : '同意'}${channel}${purpose}`, `${negated ? 'has not agreed' : 'has agreed'} to ${purpose}${channel ? ` by ${channel}` : ''}`);
  }
  return '';
}

/** The clause without a subject: `最近 30 天内做过「浏览商品」，并且 …`. */
export function clause(condition: Condition, lang: Language, names: Names = {}, depth = 0): string {
  const { node, negated } = bare(condition);
  if (!isGroup(node)) return leaf(node, negated, lang, names);
  const list = children(node);
  const inside = list.map((child) => clause(child, lang, names, depth + 1)).filter(Boolean);
  if (inside.length === 0) return depth === 0 ? pick(lang, '不限', 'anyone') : '…';
  const joined = inside.join('all' in node ? pick(lang, '，并且', ', and ') : pick(lang, '，或者', ', or '));
  const boxed = depth > 0 && inside.length > 1 ? pick(lang, `（${joined}）`, `(${joined})`) : joined;
  return negated ? pick(lang, `不满足${boxed.startsWith('（') ? boxed : `（${boxed}）`}`, `not ${boxed.startsWith('(') ? boxed : `(${boxed})`}`) : boxed;
}

/** The whole sentence. */
export function sentence(condition: Condition, lang: Language, names: Names = {}): string {
  const { node } = bare(condition);
  if (isGroup(node) && children(node).length === 0) return pick(lang, '还没有条件。', 'No condition yet.');
  const said = clause(condition, lang, names);
  return pick(lang, `${said}${/[\w%]$/.test(said) ? ' ' : ''}的用户。`, `People who match: ${said}.`);
}

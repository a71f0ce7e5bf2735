// A condition as a sentence, in Chinese as marketers write it and in plain English.
import type { Condition, EventStep, EventTest, PropertyTest, Test, Where } from '../../lib/api';
import { span } from '../../lib/format';
import type { Language } from '../../lib/i18n';
import { channelLabel, eventLabel, factLabel, purposeLabel, valueLabel } from '../../lib/vocabulary';
import { bare, children, isGroup } from './groups';
import { type Aggregate, aggregateOf, operators } from './tree';

export type Names = { segment?: (id: string) => string | undefined; tag?: (name: string) => string | undefined; tagValue?: (tag: string, value: string) => string | undefined };

const quote = (text: string, lang: Language) => (lang === 'zh' ? `「${text}」` : `“${text}”`);
const pick = (lang: Language, zh: string, en: string) => (lang === 'zh' ? zh : en);

/** What a value is called, where it has a name. */
type Called = (value: string) => string | undefined;

export function operandText(operand: unknown, lang: Language, called: Called = () => undefined): string {
  if (Array.isArray(operand)) return operand.length === 0 ? '…' : operand.map((one) => operandText(one, lang, called)).join(lang === 'zh' ? '、' : ', ');
  if (typeof operand === 'boolean') return pick(lang, operand ? '是' : '否', operand ? 'yes' : 'no');
  const text = String(operand ?? '');
  if (text === '') return '…';
  const relative = /^([+-])(\d.*)$/.exec(text);
  if (relative && typeof operand === 'string') {
    const length = span(relative[2]!, lang);
    if (length !== relative[2]) return relative[1] === '-' ? pick(lang, `${length}前`, `${length} ago`) : pick(lang, `${length}后`, `${length} from now`);
  }
  return called(text) || text;
}

/** One comparison in words: 等于 咖啡, is coffee. */
export function comparison(op: string, operand: unknown, lang: Language, called?: Called): string {
  const value = operandText(operand, lang, called);
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

export function testText(test: object, lang: Language, called?: Called): string {
  const ops = operators(test);
  if (ops.length === 0) return '…';
  return ops.map((op) => comparison(op, (test as Record<string, unknown>)[op], lang, called)).join(pick(lang, ' 且 ', ' and '));
}

/** Values that every brand writes alike have a name (`female`, `sms`). */
const valueOf = (fact: string, lang: Language): Called => (value) => valueLabel(fact, value, lang);

export function whereText(where: Where | undefined, lang: Language): string {
  if (!where) return '';
  if ('property' in where) return `${factLabel((where as PropertyTest).property, lang) || '…'} ${testText(where, lang, valueOf((where as PropertyTest).property, lang))}`;
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
  if (event.between) return pick(lang, `${event.between[0] || '…'} 起、${event.between[1] || '…'} 之前`, `from ${event.between[0] || '…'} until before ${event.between[1] || '…'}`);
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

/** `E-mail` begins a line of a list, not a word within a sentence; `SMS` stays. */
const inSentence = (word: string) => (/^[A-Z][a-z-]+$/.test(word) ? word.toLowerCase() : word);

function leaf(node: Condition, negated: boolean, lang: Language, names: Names): string {
  if ('event' in node) return eventText(node.event, negated, lang);
  if ('sequence' in node) {
    const steps = node.sequence.steps.map((step) => stepText(step, lang));
    const within = span(node.sequence.within, lang);
    return pick(lang, `${within}内${negated ? '没有' : ''}依次做过${steps.join(' → ')}`, `${negated ? 'did not do' : 'did'} ${steps.join(', then ')} within ${within}`);
  }
  if ('trait' in node || 'tag' in node || 'property' in node) {
    const test = 'trait' in node ? node.trait : 'tag' in node ? node.tag : node.property;
    const isTag = 'tag' in node;
    const noun = isTag ? pick(lang, '标签', 'tag ') : '';
    const name = (isTag ? names.tag?.(test.name) : undefined) ?? factLabel(test.name, lang);
    const called = isTag ? (value: string) => names.tagValue?.(test.name, value) : valueOf(test.name, lang);
    return `${negated ? pick(lang, '并非', 'not: ') : ''}${noun}${quote(name || '…', lang)}${lang === 'en' ? ' ' : ''}${testText(test, lang, called)}`;
  }
  if ('segment' in node) {
    const name = quote(names.segment?.(node.segment) ?? (node.segment || '…'), lang);
    return negated ? pick(lang, `不属于人群${name}`, `is not in segment ${name}`) : pick(lang, `属于人群${name}`, `is in segment ${name}`);
  }
  if ('consent' in node) {
    const channel = node.consent.channel ? channelLabel(node.consent.channel, lang) : '';
    const purpose = purposeLabel(node.consent.purpose, lang);
    return pick(lang, `${negated ? '未同意' : '同意'}${channel}${purpose}`, `${negated ? 'has not agreed' : 'has agreed'} to ${purpose}${channel ? ` by ${inSentence(channel)}` : ''}`);
  }
  return '';
}

/** Clauses after one another; a figure stands apart from the Chinese before it. */
function joinClauses(clauses: string[], join: 'all' | 'any', lang: Language): string {
  const word = join === 'all' ? pick(lang, '，并且', ', and ') : pick(lang, '，或者', ', or ');
  return clauses.map((one, i) => (i === 0 ? one : `${word}${lang === 'zh' && /^\w/.test(one) ? ' ' : ''}${one}`)).join('');
}

/** A tree in words, by what its lines say. */
export function clauseOf<N extends object>(tree: N, line: (node: N, negated: boolean) => string, lang: Language, depth = 0): string {
  const { node, negated } = bare(tree);
  if (!isGroup(node)) return line(node, negated);
  const inside = children<N>(node).map((child) => clauseOf(child, line, lang, depth + 1)).filter(Boolean);
  if (inside.length === 0) return '…';
  const joined = joinClauses(inside, 'all' in node ? 'all' : 'any', lang);
  const boxed = pick(lang, `（${joined}）`, `(${joined})`);
  if (negated) return pick(lang, `不满足${boxed}`, `not ${boxed}`);
  return depth > 0 && inside.length > 1 ? boxed : joined;
}

/** The clause without a subject: `最近 30 天内做过「浏览商品」，并且 …`. */
export function clause(condition: Condition, lang: Language, names: Names = {}): string {
  const { node } = bare(condition);
  if (isGroup(node) && children<Condition>(node).length === 0) return pick(lang, '不限', 'anyone');
  return clauseOf(condition, (one, negated) => leaf(one, negated, lang, names), lang);
}

/** The whole sentence. */
export function sentence(condition: Condition, lang: Language, names: Names = {}): string {
  const { node } = bare(condition);
  if (isGroup(node) && children(node).length === 0) return pick(lang, '还没有条件。', 'No condition yet.');
  const said = clause(condition, lang, names);
  return pick(lang, `${said}${/[\w%]$/.test(said) ? ' ' : ''}的用户。`, `People who match: ${said}.`);
}

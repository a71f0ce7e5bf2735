// A condition over a thing: what a line of it misses, and the whole in words.
import type { FigureOf, ThingCondition } from '../../../lib/api';
import type { Language } from '../../../lib/i18n';
import { eventLabel, factLabel, valueLabel } from '../../../lib/vocabulary';
import { type Fault, clauseOf, faultsOf, hasOperand, size, testText } from '../../../ui/condition-builder';
import { cw } from '../words';

export const freshLine = {
  attribute: (): ThingCondition => ({ attribute: { name: '', eq: '' } }),
  figure: (): ThingCondition => ({ figure: { event: '', of: 'events', days: 30, gte: 1 } }),
  group: (): ThingCondition => ({ any: [] }),
};

/** As long as events are kept by day. */
export const ALL_DAYS = 400;

function lineFault(line: ThingCondition): Fault | null {
  if ('attribute' in line) return !line.attribute.name.trim() ? 'name' : hasOperand(line.attribute) ? null : 'value';
  if ('figure' in line) return !line.figure.event ? 'event' : hasOperand(line.figure) ? null : 'value';
  return null;
}

export const thingFaults = (condition: ThingCondition) => faultsOf(condition, lineFault);

export const isWholeCondition = (condition: ThingCondition) => size(condition) > 0 && Object.keys(thingFaults(condition)).length === 0;

/** The name of a thing is no person's. */
export const attributeLabel = (name: string, lang: Language) => (name === 'name' ? cw.words.name[lang === 'zh' ? 0 : 1] : factLabel(name, lang));

function lineText(line: ThingCondition, negated: boolean, lang: Language): string {
  const zh = lang === 'zh';
  if ('attribute' in line) {
    const { name } = line.attribute;
    const text = `${zh ? '「' : '“'}${attributeLabel(name, lang) || '…'}${zh ? '」' : '” '}${testText(line.attribute, lang, (value) => valueLabel(name, value, lang))}`;
    return negated ? `${zh ? '并非' : 'not: '}${text}` : text;
  }
  if (!('figure' in line)) return '';
  const { event, of = 'events', days = ALL_DAYS } = line.figure;
  const what = eventLabel(event, lang) || '…';
  const text = zh ? `最近 ${days} 天内「${what}」的${cw.words[`of_${of}`][0]}${testText(line.figure, lang)}` : `the ${IN_ENGLISH[of]} “${what}” in the last ${days} day${days === 1 ? '' : 's'} ${testText(line.figure, lang)}`;
  return negated ? `${zh ? '并非' : 'not: '}${text}` : text;
}
const IN_ENGLISH: { [of in FigureOf]: string } = { events: 'number of', quantity: 'quantity in', amount: 'amount in' };

/** `「单价」不小于 100，并且（…，或者 …）` */
export const conditionText = (condition: ThingCondition, lang: Language) => clauseOf(condition, (line, negated) => lineText(line, negated, lang), lang);

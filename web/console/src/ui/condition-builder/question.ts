// What is asked while a condition is being written: only what is complete, and no line whose number is known already.
import type { Condition, CountAnswer } from '../../lib/api';
import { at, bare, children, isGroup, kind, rooted, withChildren } from './groups';
import { type Group, complete } from './tree';

/** How many satisfy a line alone, by what the line says: a line that moves keeps its number, one that changes has none. */
export type Numbers = { [line: string]: { count: number; isEstimate: boolean; at: number } };
/** A number that is older is asked for again. */
const FRESH = 60_000;

export const lineKey = (line: Condition) => JSON.stringify(line);

/** What can be counted of a condition; null where nothing is complete. */
export function countable(tree: Condition): Group | null {
  const whole = complete(tree);
  return whole && rooted(whole);
}

/** Segments and tags are sets that stand ready, and narrow down who else has to be asked: they stay where the server sees them. */
function isSet(line: Condition): boolean {
  const { node } = bare(line);
  return 'segment' in node || 'tag' in node || (isGroup(node) && children(node).every(isSet));
}

/** A condition, and which of its lines the paths of the answer mean. */
export type Question = { condition: Condition; lines: Map<string, Condition> };

/** The same condition in another order: lines that are known stand together, so that the server counts the others. */
export function question(tree: Group, numbers: Numbers, now: number): Question {
  const list = children(tree);
  const isKnown = (line: Condition) => {
    const number = numbers[lineKey(line)];
    return number !== undefined && !number.isEstimate && now - number.at < FRESH && !isSet(line);
  };
  const known = list.filter(isKnown);
  const rest = list.filter((line) => !isKnown(line));
  if (known.length < 2) return plain(tree);
  return { condition: withChildren(tree, [...rest, withChildren(tree, known)]), lines: named(tree, rest) };
}

/** Asked as it was written. */
export const plain = (tree: Group): Question => ({ condition: tree, lines: named(tree, children(tree)) });

const named = (tree: Group, list: Condition[]) => new Map(list.map((line, i) => [`/${kind(tree)}/${i}`, line]));

/** Lines within groups, which no answer about the whole speaks of. */
export function within(tree: Group, numbers: Numbers, now: number): Condition[] {
  const found = new Map<string, Condition>();
  const visit = (line: Condition, depth: number) => {
    const { node } = bare(line);
    if (isGroup(node)) children(node).forEach((child) => visit(child, depth + 1));
    const number = numbers[lineKey(line)];
    if (depth > 1 && !(number && now - number.at < FRESH)) found.set(lineKey(line), line);
  };
  children(tree).forEach((line) => visit(line, 1));
  return [...found.values()];
}

/** The numbers with those of an answer. */
export function learn(numbers: Numbers, asked: Question, answer: CountAnswer, now: number): Numbers {
  const next = { ...numbers };
  for (const { path, count, is_estimate: isEstimate } of answer.lines) {
    const line = asked.lines.get(path);
    if (line) next[lineKey(line)] = { count, isEstimate: isEstimate ?? false, at: now };
  }
  return next;
}

/** The line that a path of the server's points into. */
export function lineAt(path: string): string | undefined {
  return /^(?:\/condition)?((?:\/not)?(?:\/(?:all|any)\/\d+(?:\/not(?=\/(?:all|any)))?)+)/.exec(path)?.[1];
}

/** The lines of a tree that were refused, by what they say. */
export function refusedLines(tree: Condition, fields: { [path: string]: string }): Set<string> {
  const lines = Object.keys(fields).map((path) => at(tree, lineAt(path) ?? '-'));
  return new Set(lines.filter((line) => line !== undefined).map(lineKey));
}

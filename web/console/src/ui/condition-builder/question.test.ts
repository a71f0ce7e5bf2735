// Lines whose numbers are known are not counted again, and nothing is said of a line that it does not say itself.
import { expect, test } from 'vitest';
import type { Condition, CountAnswer } from '../../lib/api';
import { countable, learn, lineKey, plain, question, refusedLines, within } from './question';

const did = (name: string): Condition => ({ event: { name, within: '30d' } });
const [a, b, c]: Condition[] = [did('a'), did('b'), did('c')];
const segment: Condition = { segment: 'seg_1' };
const known = (lines: Condition[], at = 0, isEstimate = false) => Object.fromEntries(lines.map((line, i) => [lineKey(line), { count: i + 1, isEstimate, at }]));

test('what is not complete is not asked', () => {
  expect(countable({ all: [a!, did('')] })).toEqual({ all: [a] });
  expect(countable(a!)).toEqual({ all: [a] });
  expect(countable({ all: [did('')] })).toBeNull();
});

test('known lines stand together behind those that are not', () => {
  const asked = question({ all: [a!, b!, segment, c!] }, known([a!, b!, segment]), 1_000);
  // A segment stays where it is seen: it narrows down who has to be asked.
  expect(asked.condition).toEqual({ all: [segment, c, { all: [a, b] }] });
  expect([...asked.lines]).toEqual([['/all/0', segment], ['/all/1', c]]);
  expect(question({ any: [a!, b!, c!] }, known([a!, b!, c!]), 0).condition).toEqual({ any: [{ any: [a, b, c] }] });
});

test('an estimate, an old number or one line alone is asked as it was', () => {
  const tree = { all: [a!, b!, c!] };
  for (const numbers of [{}, known([a!]), known([a!, b!], 0, true), known([a!, b!], -60_000)]) expect(question(tree, numbers, 0).condition).toBe(tree);
});

test('an answer is learned by what its lines say', () => {
  const asked = question({ all: [a!, b!, c!] }, known([a!, b!]), 0);
  const answer = { count: 3, lines: [{ path: '/all/0', count: 7, is_estimate: true }, { path: '/all/1', count: 9 }] } as unknown as CountAnswer;
  expect(learn(known([a!]), asked, answer, 5)).toEqual({ ...known([a!]), [lineKey(c!)]: { count: 7, isEstimate: true, at: 5 } });
});

test('lines within groups are found once, and not those that are known', () => {
  const inner: Condition = { all: [b!, c!] };
  expect(new Set(within({ all: [a!, { not: { any: [a!, inner, c!] } }] }, known([a!]), 0).map(lineKey))).toEqual(new Set([inner, b!, c!].map(lineKey)));
  expect(within({ all: [a!, segment] }, {}, 0)).toEqual([]);
});

test('refused lines are known by what they say, wherever the fault in them is', () => {
  const tree: Condition = { all: [a!, { not: { any: [b!, c!] } }] };
  expect(refusedLines(tree, { '/condition/all/0/event/within': 'x', '/all/1/not/any/1/event/name': 'y', name: 'z' })).toEqual(new Set([lineKey(a!), lineKey(c!)]));
  expect(plain({ all: [a!] }).lines.get('/all/0')).toBe(a);
});

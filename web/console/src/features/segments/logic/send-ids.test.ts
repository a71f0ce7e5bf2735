import { expect, test } from 'vitest';
import { PIECE, type Sent, sendIds } from './send-ids';

const ids = (n: number) => Array.from({ length: n }, (_, i) => String(i));
/** Knows even ids only, and names at most a hundred of the others. */
const server = () => {
  const asked: number[] = [];
  const members = new Set<string>();
  const send = async (piece: string[]) => {
    asked.push(piece.length);
    const unknown = piece.filter((id) => Number(id) % 2 === 1);
    const known = piece.filter((id) => Number(id) % 2 === 0);
    const changed = known.filter((id) => !members.has(id)).length;
    known.forEach((id) => members.add(id));
    return { changed, unchanged: known.length - changed, unknown: unknown.length, unknown_ids: unknown.slice(0, 100) };
  };
  return { asked, send };
};

test('in pieces, told after each, and every unknown id is named', async () => {
  const { asked, send } = server();
  const told: Sent[] = [];
  const sent = await sendIds(ids(4_500), send, (one) => told.push(one), new AbortController().signal);
  expect(told.map((one) => one.done)).toEqual([PIECE, 2 * PIECE, 4_500]);
  expect([sent.changed, sent.unchanged, sent.unknown]).toEqual([2_250, 0, 2_250]);
  expect(new Set(sent.unknownIds).size).toBe(2_250);
  expect(Math.max(...asked)).toBe(PIECE);
  // No id goes out more than a few times, however many are unknown.
  expect(asked.reduce((sum, one) => sum + one, 0)).toBeLessThan(3 * 4_500);
});
test('a stop keeps what was done', async () => {
  const { send } = server();
  const stop = new AbortController();
  let last: Sent | null = null;
  const work = sendIds(ids(6_000), send, (one) => { last = one; stop.abort(); }, stop.signal);
  await expect(work).rejects.toThrow();
  expect(last!.done).toBe(PIECE);
});

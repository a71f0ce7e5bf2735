// Sending many ids in pieces, so that there is something to see and a way to stop.
import type { MembersAnswer } from '../../../lib/api';

export const PIECE = 2_000;
/** Pieces that are asked again are not smaller than this. */
const LEAST = 50;
export type Sent = { done: number; total: number; changed: number; unchanged: number; unknown: number; unknownIds: string[] };
type Send = (ids: string[], signal: AbortSignal) => Promise<MembersAnswer>;

export const nothingSent = (total: number): Sent => ({ done: 0, total, changed: 0, unchanged: 0, unknown: 0, unknownIds: [] });

/**
 * Piece by piece; `told` hears of every piece. The answer names only the first hundred unknown ids of a piece:
 * what stands behind them is asked again in smaller pieces, since what was done once is not done twice.
 */
export async function sendIds(ids: string[], send: Send, told: (sent: Sent) => void, signal: AbortSignal): Promise<Sent> {
  let sent = nothingSent(ids.length);
  for (let at = 0; at < ids.length; at += PIECE) {
    signal.throwIfAborted();
    const piece = ids.slice(at, at + PIECE);
    const answer = await send(piece, signal);
    sent = {
      ...sent,
      done: sent.done + piece.length,
      changed: sent.changed + answer.changed,
      unchanged: sent.unchanged + answer.unchanged,
      unknown: sent.unknown + answer.unknown,
      unknownIds: [...sent.unknownIds, ...(await unknownOf(piece, answer, send, signal))],
    };
    told(sent);
  }
  return sent;
}

async function unknownOf(piece: string[], answer: MembersAnswer, send: Send, signal: AbortSignal): Promise<string[]> {
  const named = answer.unknown_ids;
  if (answer.unknown <= named.length) return named;
  if (answer.unknown === piece.length) return piece;
  // Those named are the first: the others stand behind the last of them.
  const rest = piece.slice(piece.indexOf(named[named.length - 1] ?? '') + 1);
  const likely = Math.floor((0.8 * rest.length * named.length) / (answer.unknown - named.length));
  const size = Math.min(Math.max(likely, LEAST), Math.ceil(piece.length / 2));
  const found = [...named];
  for (let at = 0; at < rest.length; at += size) {
    signal.throwIfAborted();
    const part = rest.slice(at, at + size);
    found.push(...(await unknownOf(part, await send(part, signal), send, signal)));
  }
  return found;
}

// A value with its past and its future: the same undo for conditions and for canvases.
import { useCallback, useState } from 'react';

export type Undo<T> = { past: T[]; now: T; future: T[] };
const DEPTH = 100;

export const begin = <T>(now: T): Undo<T> => ({ past: [], now, future: [] });
export const push = <T>(undo: Undo<T>, next: T): Undo<T> => (Object.is(next, undo.now) ? undo : { past: [...undo.past.slice(-DEPTH + 1), undo.now], now: next, future: [] });
export const back = <T>(undo: Undo<T>): Undo<T> =>
  undo.past.length === 0 ? undo : { past: undo.past.slice(0, -1), now: undo.past[undo.past.length - 1]!, future: [undo.now, ...undo.future] };
export const forward = <T>(undo: Undo<T>): Undo<T> => (undo.future.length === 0 ? undo : { past: [...undo.past, undo.now], now: undo.future[0]!, future: undo.future.slice(1) });

export function useUndo<T>(first: T) {
  const [state, set] = useState(() => begin(first));
  return {
    value: state.now,
    canUndo: state.past.length > 0,
    canRedo: state.future.length > 0,
    change: useCallback((next: T | ((now: T) => T)) => set((undo) => push(undo, typeof next === 'function' ? (next as (now: T) => T)(undo.now) : next)), []),
    undo: useCallback(() => set(back), []),
    redo: useCallback(() => set(forward), []),
    reset: useCallback((next: T) => set(begin(next)), []),
  };
}

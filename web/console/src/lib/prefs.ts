// What one browser keeps: theme, columns, small choices. Never anything of a customer.
import { useCallback, useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
const memory = new Map<string, unknown>();

function read<T>(key: string, otherwise: T): T {
  if (memory.has(key)) return memory.get(key) as T;
  let value = otherwise;
  try {
    const kept = localStorage.getItem(`weft.${key}`);
    if (kept !== null) value = JSON.parse(kept) as T;
  } catch {
    // Unreadable or forbidden: the default stands.
  }
  memory.set(key, value);
  return value;
}

export function keep<T>(key: string, value: T): void {
  memory.set(key, value);
  try {
    localStorage.setItem(`weft.${key}`, JSON.stringify(value));
  } catch {
    // Kept for this visit only.
  }
  listeners.forEach((listener) => listener());
}

export function useKept<T>(key: string, otherwise: T): [T, (next: T) => void] {
  const value = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => read(key, otherwise),
  );
  const set = useCallback((next: T) => keep(key, next), [key]);
  return [value, set];
}

// Light, dark, or as the system says.
import { useEffect, useSyncExternalStore } from 'react';
import { useKept } from './prefs';

export type ThemeChoice = 'system' | 'light' | 'dark';
const media = typeof matchMedia === 'undefined' ? null : matchMedia('(prefers-color-scheme: dark)');

export function useTheme(): { choice: ThemeChoice; dark: boolean; choose: (next: ThemeChoice) => void } {
  const [choice, choose] = useKept<ThemeChoice>('theme', 'system');
  const system = useSyncExternalStore(
    (listener) => {
      media?.addEventListener('change', listener);
      return () => media?.removeEventListener('change', listener);
    },
    () => media?.matches ?? false,
  );
  const dark = choice === 'system' ? system : choice === 'dark';
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }, [dark]);
  return { choice, dark, choose };
}

const narrow = typeof matchMedia === 'undefined' ? null : matchMedia('(max-width: 820px)');
/** Is this a phone or a narrow window? */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      narrow?.addEventListener('change', listener);
      return () => narrow?.removeEventListener('change', listener);
    },
    () => narrow?.matches ?? false,
  );
}

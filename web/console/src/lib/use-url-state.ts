// State that lives in the address, so that a link carries the question.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type UrlState = { [key: string]: string | undefined };

export function useUrlState<S extends UrlState>(defaults: S): [S, (patch: Partial<S>) => void] {
  const search = useSearch({ strict: false }) as UrlState;
  const navigate = useNavigate();
  const state = { ...defaults };
  for (const key of Object.keys(defaults)) {
    const value = search[key];
    if (value !== undefined && value !== null) (state as UrlState)[key] = String(value);
  }
  const set = useCallback(
    (patch: Partial<S>) => {
      void navigate({
        to: '.',
        replace: true,
        search: ((previous: UrlState) => {
          const next: UrlState = { ...previous };
          for (const [key, value] of Object.entries(patch)) {
            if (value === undefined || value === '' || value === defaults[key]) delete next[key];
            else next[key] = value as string;
          }
          return next;
        }) as never,
      });
    },
    // The defaults are literals at the call: their identity means nothing.
    [navigate],
  );
  return [state, set];
}

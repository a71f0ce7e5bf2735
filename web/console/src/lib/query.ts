// The query cache: what is asked, kept a moment, and never asked twice because somebody looked away.
import { QueryClient } from '@tanstack/react-query';
import { Problem } from './api';

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && error instanceof Problem && (error.status === 0 || error.status >= 502),
    },
  },
});

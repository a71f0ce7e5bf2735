// The plan and what came, asked once for both pages; and how the plan is edited.
import { useMutation, useQuery } from '@tanstack/react-query';
import { type TrackingPlan, call } from '../../../lib/api';
import { queries } from '../../../lib/query';

const PLAN = ['quality', 'plan'];

export const usePlan = () => useQuery({ queryKey: PLAN, queryFn: () => call('GET /tracking-plan') });
export const useEventNames = () => useQuery({ queryKey: ['events', 'names'], staleTime: 15_000, queryFn: () => call('GET /events/names').then((answer) => answer.items) });

/** The plan is replaced as a whole: each edit is made to the newest, so that nobody's is lost. */
export function useEditPlan(onDone?: (plan: TrackingPlan) => void) {
  return useMutation({
    mutationFn: async (edit: (plan: TrackingPlan) => TrackingPlan) => call('PUT /tracking-plan', { body: edit(await call('GET /tracking-plan')) }),
    onSuccess: (plan) => {
      queries.setQueryData(PLAN, plan);
      onDone?.(plan);
    },
  });
}

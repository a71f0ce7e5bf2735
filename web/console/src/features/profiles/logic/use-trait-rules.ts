// The rules of traits, asked once for all who need them.
import { useQuery } from '@tanstack/react-query';
import { call } from '../../../lib/api';

export const TRAIT_RULES = ['traits', 'rules'];

export const useTraitRules = () => useQuery({ queryKey: TRAIT_RULES, queryFn: () => call('GET /traits/rules') });

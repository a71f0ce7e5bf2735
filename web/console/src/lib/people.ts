// Finding people, for pickers.
import { useQuery } from '@tanstack/react-query';
import { type PersonBrief, call } from './api';

export const searchPeople = (q: string): Promise<PersonBrief[]> => call('GET /people', { query: { q, limit: 12 } }).then((answer) => answer.items);

/** The person a picker already points at, so that it shows a name and not an id. */
export function useKnownPerson(id: string): PersonBrief[] {
  const asked = useQuery({ queryKey: ['people', id], enabled: !!id, staleTime: 60_000, queryFn: () => call('GET /people/{id}', { path: { id } }) });
  if (!id || !asked.data) return [];
  return [{ id, name: asked.data.name, identifiers: asked.data.identifiers }];
}

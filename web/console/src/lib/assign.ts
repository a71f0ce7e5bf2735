// Giving people a tag by hand, and taking it away.
import { call } from './api';
import { queries } from './query';

export type Assignment = { people: string[]; value: string | null; days: number | null };

// Typed here until the server's document tells of it.
const ask = call as unknown as (operation: string, options: { path: { id: string }; body: Assignment }) => Promise<{ changed: number }>;

export async function assignTag(tag: string, assignment: Assignment): Promise<number> {
  const { changed } = await ask('POST /tags/{id}/people:assign', { path: { id: tag }, body: assignment });
  // The value comes by the log: it is there a moment after the answer.
  for (const ms of [0, 600, 2_000]) {
    setTimeout(() => {
      for (const key of ['tags', 'people']) void queries.invalidateQueries({ queryKey: [key] });
    }, ms);
  }
  return changed;
}

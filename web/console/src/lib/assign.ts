// Giving people a tag by hand, and taking it away.
import { type TagAssignment, call } from './api';
import { queries } from './query';

export async function assignTag(tag: string, assignment: TagAssignment): Promise<number> {
  const { changed } = await call('POST /tags/{id}/people:assign', { path: { id: tag }, body: assignment });
  // The value comes by the log: it is there a moment after the answer.
  for (const ms of [0, 600, 2_000]) {
    setTimeout(() => {
      for (const key of ['tags', 'people']) void queries.invalidateQueries({ queryKey: [key] });
    }, ms);
  }
  return changed;
}

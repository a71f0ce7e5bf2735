// Making a segment, and saying at once what it is used as.
import { type Pool, type Segment, type SegmentDraft, call } from '../../../lib/api';

export const POOLS = ['exclusion', 'control'] as const;

export async function makeSegment(body: SegmentDraft, pool: Pool | null): Promise<Segment> {
  const made = await call('POST /segments', { body });
  return pool ? call('POST /segments/{id}:use_as', { path: { id: made.id }, body: { pool } }) : made;
}

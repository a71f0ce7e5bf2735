// The calls of lists, overlaps and portraits.
import { type Condition, type Page, call } from '../../../lib/api';
import type { AnySegment, Change, MembersAnswer, NewList, Overlap, Portrait, PortraitLine } from './types';

type Options = { path?: Record<string, string>; query?: Record<string, unknown>; body?: unknown; signal?: AbortSignal };
/** The same way to the server as every call; what is asked and answered is written here until the document says it. */
const ask = call as unknown as <A>(operation: string, options?: Options) => Promise<A>;

export const segmentOf = (id: string) => ask<AnySegment>('GET /segments/{id}', { path: { id } });
export const listSegments = (query: { q?: string; cursor?: string; limit?: number }, signal?: AbortSignal) => ask<Page<AnySegment>>('GET /segments', { query, signal });
export const makeList = (body: NewList) => ask<AnySegment>('POST /segments', { body });
export const makeRule = (body: { name: string; description?: string; condition: Condition }) => ask<AnySegment>('POST /segments', { body });
export const changeSegment = (id: string, body: { name: string; description?: string; condition?: Condition }) => ask<AnySegment>('PUT /segments/{id}', { path: { id }, body });
export const changeMembers = (id: string, change: Change, body: { id_type: string; ids: string[] }, signal: AbortSignal) => ask<MembersAnswer>(`POST /segments/{id}/members:${change}`, { path: { id }, body, signal });
export const overlapOf = (segments: string[], signal?: AbortSignal) => ask<Overlap>('POST /segments:overlap', { body: { segments }, signal });

export const startPortrait = (body: { segment: string; against?: string }) => ask<Portrait>('POST /segments:portrait', { body });
export const portraitsOf = (segment: string) => ask<Page<PortraitLine>>('GET /portraits', { query: { segment, limit: 50 } });
export const portraitOf = (id: string) => ask<Portrait>('GET /portraits/{id}', { path: { id } });
export const cancelPortrait = (id: string) => ask<Portrait>('POST /portraits/{id}:cancel', { path: { id } });

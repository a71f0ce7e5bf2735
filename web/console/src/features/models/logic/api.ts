// The calls about models, typed beside the house's own until the server's document tells of them.
import { type History, type Page, type Tag, call as house } from '../../../lib/api';
import type { Draft, FeatureLine, Model, Run, RunLine } from './types';

type Id = { id: string };
export interface ModelOperations {
  'GET /models/features': { answer: Page<FeatureLine> };
  'GET /models': { query: { q?: string; limit?: number; cursor?: string }; answer: Page<Model> };
  'POST /models': { body: Draft & { name: string }; answer: Model };
  'GET /models/{id}': { path: Id; answer: Model };
  'PUT /models/{id}': { path: Id; body: Draft; answer: Model };
  'POST /models/{id}:archive': { path: Id; answer: Model };
  'POST /models/{id}:run': { path: Id; answer: Model };
  'POST /models/{id}:cancel': { path: Id; answer: Model };
  'GET /models/{id}/runs': { path: Id; query: { limit?: number; cursor?: string }; answer: Page<RunLine> };
  'GET /models/{id}/runs/{run}': { path: { id: string; run: string }; answer: Run };
  'GET /models/{id}/history': { path: Id; query: { limit?: number; cursor?: string }; answer: Page<History> };
  'GET /tags/{id}': { path: Id; answer: Tag };
}

type Asks<O extends keyof ModelOperations> = Omit<ModelOperations[O], 'answer' | 'query'> & (ModelOperations[O] extends { query: infer Q } ? { query?: Q } : unknown) & { signal?: AbortSignal };
type Call = <O extends keyof ModelOperations>(operation: O, options: Asks<O>) => Promise<ModelOperations[O]['answer']>;

export const call = house as unknown as Call;

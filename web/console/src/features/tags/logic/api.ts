// What the server's document does not tell of yet: how good a tag is, and which model writes it.
import { type Page, call as house } from '../../../lib/api';

export type UsedBy = { kind: 'segment' | 'tag' | 'model' | 'journey'; id: string; name: string };
export type OutcomeOf = { event: string; days: number; values: { value: string | number | boolean; people: number; rate: number; low: number; high: number; lift: number }[]; information: number; p_value: number };
export type Evaluation = {
  people: number;
  tagged: number;
  coverage: number;
  distinct_values: number;
  entropy: number;
  used_by: UsedBy[];
  outcome: OutcomeOf | null;
  score: number;
  parts: { part: 'coverage' | 'usage' | 'freshness' | 'discrimination' | 'marketing'; score: number; weight: number }[];
  suggestions: { code: string }[];
  as_of: string;
};

interface Coming {
  'GET /tags/{id}/evaluation': { asks: { path: { id: string }; query: { event?: string; days?: string } }; answer: Evaluation };
  'GET /models': { asks: { query: { q?: string; limit?: number } }; answer: Page<{ id: string; title: string; tag: string }> };
}

export const call = house as unknown as <O extends keyof Coming>(operation: O, options: Coming[O]['asks']) => Promise<Coming[O]['answer']>;

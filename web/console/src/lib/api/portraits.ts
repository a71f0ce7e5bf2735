// What a portrait says: who they are and how they differ from the others.
import type { Time } from './types';

export type FeatureKind = 'trait' | 'tag' | 'event' | 'value' | 'interest';
/** How often something is among them and among the others. */
export type Shares = { share: number; rest_share: number };
/** Of a value its shares; of a number, whose value is null, the medians. */
export type Striking = { share: number | null; rest_share: number | null; feature: string; kind: FeatureKind; title: string; value: string | null; median: number | null; rest_median: number | null; lift: number | null; effect: number; q_value: number; is_small: boolean };
/** `low` and `high` are of the difference of the two shares. */
export type CategoryValue = Shares & { value: string; people: number; lift: number | null; low: number | null; high: number | null; q_value: number; is_small: boolean };
export type Category = { feature: string; kind: FeatureKind; title: string; known: number; rest_known: number; effect: number; q_value: number; values: CategoryValue[]; other?: Shares | null };
export type Bin = Shares & { from: number; to: number };
export type NumberFeature = {
  feature: string; kind: FeatureKind; title: string; unit: string | null; known: number; rest_known: number; mean: number; rest_mean: number; median: number; rest_median: number;
  quartiles: [number, number]; rest_quartiles: [number, number]; cliffs_delta: number; q_value: number; bins: Bin[];
};
export type ValueSummary = { event: string; property: string; buyers: number; rest_buyers: number; orders_per_buyer: number; rest_orders_per_buyer: number; amount_per_person: number; rest_amount_per_person: number; amount_total: number; currency: string };
export type EventUse = Shares & { name: string; per_person: number; rest_per_person: number; lift: number | null; q_value: number };
export type Interest = { event: string; property: string; values: (Shares & { value: string; lift: number | null; q_value: number })[] };
export type PathUse = Shares & { steps: string[]; people: number };
export type Shift = 'none' | 'some' | 'strong';
export type Drift = { since: string; since_at: Time; features: { feature: string; title: string; population_stability_index: number; shift: Shift }[] };
export type PortraitRemark = 'little_known' | 'too_few' | 'nothing_striking' | 'hardly_told_apart' | 'unstable';
export type PortraitEvaluation = { score: number; coverage: number; read: number; tells_apart: number | null; holds: number | null; suggestions: PortraitRemark[] };
export type PortraitResult = {
  people: number; others: number; people_read: number; others_read: number; as_of: Time;
  striking: Striking[]; categories: Category[]; numbers: NumberFeature[]; habits: { hours: Shares[]; weekdays: Shares[] }; value: ValueSummary | null;
  events: EventUse[]; interests: Interest[]; paths: PathUse[]; drift: Drift | null;
  /** Portraits drawn before there was one have none. */
  evaluation?: PortraitEvaluation;
};

// What the API says of models: drafts, models, runs, and the result of each kind.
import type { Condition, EventStep } from './types';

export const KINDS = ['clusters', 'tree', 'rfm', 'abc', 'preference', 'look_alike', 'propensity'] as const;
export type Kind = (typeof KINDS)[number];
export type Every = 'never' | 'day' | 'week';

export type FeatureStatistic = { event: EventStep & { within?: string }; function: string; property?: string };
export type Feature = { label: string } & ({ trait: string } | { tag: string } | { statistic: FeatureStatistic } | { recency: { event: EventStep } });
export type FeatureLine = { feature: Feature; kind: 'number' | 'category'; known_people: number; looked_at: number };

// ---------- settings ----------
export type Cuts = { recency: number[]; frequency: number[]; monetary: number[] };
export type Settings = {
  clusters: { k: number | null; names: { [value: string]: string } };
  tree: { outcome: Condition; max_depth: number; min_leaf: number | null };
  rfm: { event: string; property: string; within: string; tiles: number; cuts: Cuts | null; weights: [number, number, number]; by: 'cells' | 'eight' };
  abc: { event: string; property: string; within: string; a: number; b: number };
  preference: { event: string; property: string; within: string; half_life: number; least: number };
  look_alike: { seed: string; size: number };
  propensity: { event: EventStep; days: number; steps: [number, number] };
};

// ---------- results ----------
export type FeatureNote = { label: string; left_out: string | null; kind: 'number' | 'category'; known: number; missing: number };
type Noted = { feature_notes: FeatureNote[] };

export type Telling = { feature: string; value: string | null; sign: 'high' | 'low' | 'frequent' | 'rare'; effect: number };
export type ClusterFeature = {
  feature: string;
  kind: 'number' | 'category';
  mean?: number | null;
  median?: number | null;
  overall_mean?: number | null;
  overall_median?: number | null;
  effect?: number | null;
  values?: { value: string; share: number; overall_share: number; effect: number }[];
};
export type Cluster = { value: string; name: string; people: number; share: number; jaccard: number | null; telling: Telling[]; features: ClusterFeature[] };
export type KChoice = { k: number; cost: number; silhouette: number | null; calinski_harabasz: number | null; davies_bouldin: number | null; smallest_share: number; votes: number };
export type ClustersResult = Noted & {
  k: number;
  /** Empty, and nothing recommended, where the number was given. */
  choice: KChoice[];
  recommended: number | null;
  structure: 'strong' | 'reasonable' | 'weak' | 'none' | null;
  stability: (number | null)[];
  clusters: Cluster[];
  map: { x: number; y: number; cluster: string | number }[];
};

export type LeafTest = { at_most: number } | { more_than: number } | { between: [number, number] } | { one_of: string[] } | { unknown: boolean };
export type LeafRule = { feature: string; test: LeafTest; or_unknown: boolean };
export type TreeNode = { id: number; parent: number | null; feature: string | null; test: string | null; people: number; rate: number; is_leaf: boolean };
export type Leaf = { value: string; rule: LeafRule[]; condition: Condition | null; people: number; share: number; rate: number; low: number | null; high: number | null; lift: number | null };
export type Importance = { feature: string; share: number };
export type TreeResult = Noted & { people: number; positives: number; rate: number; nodes: TreeNode[]; leaves: Leaf[]; importance: Importance[] };

export type RfmCell = { value: string; label: string; people: number; share: number; amount: number; recency: number; frequency: number; monetary: number };
/** `frequency` of the matrix is the mean of frequency and monetary score. */
export type RfmResult = Noted & { people: number; cuts: Cuts; matrix: { recency: number; frequency: number; people: number; amount: number }[]; cells: RfmCell[] };

export type AbcClass = { value: string; people: number; share: number; amount: number; amount_share: number; least: number };
export type AbcResult = Noted & { people: number; amount: number; classes: AbcClass[]; curve: { people_share: number; amount_share: number }[] };

export type PreferenceResult = Noted & { people: number; values: { value: string; people: number; share: number; strength: number }[] };

export type LiftTenth = { people: number; positives: number; rate: number; lift: number; cumulative_capture: number };
export type ScoreResult = Noted & {
  people: number;
  positives: number;
  trained_with: number;
  method: 'boosted' | 'logistic';
  auc: number;
  log_loss: number;
  brier: number;
  lift: LiftTenth[];
  calibration: { people: number; predicted: number; observed: number }[];
  importance: Importance[];
  values: { value: string; people: number }[];
  as_of: string;
  learnt_as_of?: string | null;
};

export type Results = { clusters: ClustersResult; tree: TreeResult; rfm: RfmResult; abc: AbcResult; preference: PreferenceResult; look_alike: ScoreResult; propensity: ScoreResult };

// ---------- models and runs ----------
export type Progress = { stage: 'reading' | 'learning' | 'applying'; done: number; total: number; started_at: string };
export type RunError = { code: string; detail: string; params?: { [name: string]: string | number } };
/** `tagged` are the people whose value it changed. */
export type RunLine = { id: string; model: string; state: 'done' | 'failed' | 'cancelled'; people: number; tagged: number; error: RunError | null; started_by: string; started_at: string; finished_at: string };
export type Run<K extends Kind = Kind> = RunLine & { result: Results[K] | null };

type DraftOf<K extends Kind> = { kind: K; title: string; description: string; population: Condition | null; features: Feature[]; settings: Settings[K]; every: Every };
export type Draft = { [K in Kind]: DraftOf<K> }[Kind];
type ModelOf<K extends Kind> = DraftOf<K> & {
  id: string;
  name: string;
  version: number;
  state: 'active' | 'archived';
  tag: string;
  progress: Progress | null;
  /** With the result of the last that ended well. */
  last_run: Run<K> | null;
  created_by: string;
  created_at: string;
  updated_at: string;
};
export type Model = { [K in Kind]: ModelOf<K> }[Kind];

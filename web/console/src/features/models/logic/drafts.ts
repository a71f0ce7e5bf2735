// Drafts of models: the questions they answer, what a new one begins with, and what it still lacks.
import type { Condition, EventName, PropertyFact } from '../../../lib/api';
import type { Draft, Kind, Settings } from '../../../lib/api/models';
import { faults, isSpan, size } from '../../../ui/condition-builder';

/** The questions people come with; some have two answers. */
export const QUESTIONS = [
  { id: 'alike', kinds: ['clusters'] },
  { id: 'sorts', kinds: ['tree'] },
  { id: 'worth', kinds: ['rfm', 'abc'] },
  { id: 'likes', kinds: ['preference'] },
  { id: 'seed', kinds: ['look_alike'] },
  { id: 'will', kinds: ['propensity'] },
] as const satisfies { id: string; kinds: Kind[] }[];
export type QuestionId = (typeof QUESTIONS)[number]['id'];

/** The beginning of the name that conditions know the outcome by. */
export const NAMES: { [K in Kind]: string } = { clusters: 'cluster', tree: 'tree_group', rfm: 'rfm_group', abc: 'abc_class', preference: 'preference', look_alike: 'look_alike', propensity: 'propensity' };

const BOUGHT = ['purchase', 'order_completed', 'order_paid', 'order_placed', 'order'];
const LOOKED = ['view_item', 'product_viewed', 'add_to_cart', 'product_added', 'search'];
export const MONEY = ['value', 'amount', 'total', 'revenue', 'price'];
export const LIKED = ['category', 'brand', 'item_name', 'product_name', 'item_id', 'product_id', 'store', 'channel'];

/** The first wanted event that comes in, else the most frequent one. */
export function mainEvent(events: EventName[], wanted: string[] = BOUGHT): string {
  const known = wanted.find((name) => events.some((one) => one.name === name));
  return known ?? [...events].sort((a, b) => b.count - a.count)[0]?.name ?? '';
}

/** The first wanted property the event has; for figures one that holds numbers. */
export function mainProperty(facts: PropertyFact[], wanted: string[], numeric: boolean): string {
  const fitting = numeric ? facts.filter((fact) => fact.kinds.includes('number')) : facts.filter((fact) => fact.kinds.includes('text'));
  return (wanted.map((name) => fitting.find((fact) => fact.name === name)).find(Boolean) ?? fitting[0])?.name ?? '';
}

type Known = { events: EventName[]; segments: { id: string; count?: number }[] };

export function settingsOf(kind: Kind, { events, segments }: Known): Settings[Kind] {
  const bought = mainEvent(events);
  switch (kind) {
    case 'clusters':
      return { k: null, names: {} };
    case 'tree':
      return { outcome: { all: bought ? [{ event: { name: bought, within: '30d' } }] : [] }, max_depth: 3, min_leaf: null };
    case 'rfm':
      return { event: bought, property: '', within: '365d', tiles: 5, cuts: null, weights: [1, 1, 1], by: 'eight' };
    case 'abc':
      return { event: bought, property: '', within: '365d', a: 0.8, b: 0.95 };
    case 'preference':
      return { event: mainEvent(events, [...LOOKED, ...BOUGHT]), property: '', within: '90d', half_life: 30, least: 0.2 };
    case 'look_alike':
      return { seed: [...segments].sort((a, b) => (b.count ?? 0) - (a.count ?? 0))[0]?.id ?? '', size: 1000 };
    case 'propensity':
      return { event: { name: bought }, days: 30, steps: [0.05, 0.2] };
  }
}

export function draftOf(kind: Kind, title: string, known: Known): Draft {
  return { kind, title, description: '', population: null, features: [], settings: settingsOf(kind, known), every: 'never' } as Draft;
}

/** Which property a kind's figure or preference is of, when it has one. */
export const propertyWanted: { [K in Kind]?: { names: string[]; numeric: boolean } } = { rfm: { names: MONEY, numeric: true }, abc: { names: MONEY, numeric: true }, preference: { names: LIKED, numeric: false } };

/** Only these are learnt from columns about people; the others read one event. */
export const hasFeatures = (kind: Kind) => ['clusters', 'tree', 'look_alike', 'propensity'].includes(kind);

export type Lack = 'title' | 'name' | 'outcome' | 'event' | 'property' | 'seed' | 'size' | 'within' | 'population' | 'cuts' | 'steps' | 'shares';

const whole = (condition: Condition) => size(condition) > 0 && Object.keys(faults(condition)).length === 0;
const rising = (list: number[]) => list.every((one, i) => Number.isFinite(one) && (i === 0 || one > list[i - 1]!));

/** What the server would refuse, by field; it says the rest. */
export function lacks(draft: Draft, name?: string): Lack[] {
  const out: Lack[] = [];
  if (!draft.title.trim()) out.push('title');
  if (name !== undefined && !/^\w{1,64}$/.test(name)) out.push('name');
  if (draft.population && !whole(draft.population)) out.push('population');
  switch (draft.kind) {
    case 'tree':
      if (!whole(draft.settings.outcome)) out.push('outcome');
      break;
    case 'rfm': {
      const { event, property, within, cuts, tiles } = draft.settings;
      if (!event) out.push('event');
      if (!property) out.push('property');
      if (!isSpan(within)) out.push('within');
      if (cuts && !Object.values(cuts).every((list) => list.length === tiles - 1 && rising(list))) out.push('cuts');
      break;
    }
    case 'abc':
      if (!draft.settings.event) out.push('event');
      if (!draft.settings.property) out.push('property');
      if (!isSpan(draft.settings.within)) out.push('within');
      if (!(draft.settings.a > 0 && draft.settings.a < draft.settings.b && draft.settings.b < 1)) out.push('shares');
      break;
    case 'preference':
      if (!draft.settings.event) out.push('event');
      if (!draft.settings.property) out.push('property');
      if (!isSpan(draft.settings.within)) out.push('within');
      break;
    case 'look_alike':
      if (!draft.settings.seed) out.push('seed');
      if (!(draft.settings.size > 0)) out.push('size');
      break;
    case 'propensity':
      if (!draft.settings.event.name) out.push('event');
      if (!(draft.settings.steps[0] > 0 && draft.settings.steps[0] + draft.settings.steps[1] < 1)) out.push('steps');
      break;
    case 'clusters':
      break;
  }
  return out;
}

/** Names that are taken get a number. */
export function freeName(wanted: string, taken: Set<string>): string {
  if (!taken.has(wanted)) return wanted;
  let n = 2;
  while (taken.has(`${wanted}_${n}`)) n += 1;
  return `${wanted}_${n}`;
}

/** What may be changed of a model, as the API takes it. */
export const draftFrom = ({ kind, title, description, population, features, settings, every }: Draft): Draft => ({ kind, title, description, population, features, settings, every }) as Draft;

// Why one telling of a trait stands and not another.
import type { TraitTelling } from '../../../lib/api';

export type Why = 'gone' | 'only' | 'sum' | 'list' | 'first' | 'source' | 'latest';

const rank = (sources: string[], source: string) => {
  const at = sources.indexOf(source);
  return at < 0 ? sources.length : at;
};

/** `sources` is the order of the trait's rule; empty when there is none. */
export function whyStands(tellings: TraitTelling[], sources: string[]): Why {
  const standing = tellings.find((one) => one.stands);
  if (!standing) return 'gone';
  if (standing.kind === 'profile_increment') return 'sum';
  if (standing.kind === 'profile_append') return 'list';
  if (tellings.length === 1) return 'only';
  if (standing.kind === 'profile_set_once') return 'first';
  // What is set only where nothing is does not speak against what was there.
  const outweighed = tellings.some((one) => one.ts > standing.ts && one.kind !== 'profile_set_once' && rank(sources, one.source) > rank(sources, standing.source));
  return outweighed ? 'source' : 'latest';
}

/** A trait may be taken away; a null of what may not be seen is none. */
export const isTakenAway = (one: TraitTelling) => one.kind === 'profile_unset' || one.kind === 'profile_delete';

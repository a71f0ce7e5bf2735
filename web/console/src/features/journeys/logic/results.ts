// How a comparison is said: in points, with its interval, and how likely it is to be chance.
import type { Comparison, ResultArm } from '../../../lib/api';

/** Below this many conversions or people in an arm, a rate is more accident than knowledge. */
export const SMALL_PEOPLE = 100;
export const SMALL_CONVERSIONS = 10;

export type Verdict = 'better' | 'worse' | 'unclear' | 'too_small' | 'empty';

export function verdict(comparison: Comparison, arm: ResultArm | undefined, control: ResultArm | undefined): Verdict {
  if (comparison.difference == null || !comparison.ci || comparison.p_value == null) return 'empty';
  if (isSmall(arm) || isSmall(control)) return 'too_small';
  if (!comparison.significant) return 'unclear';
  return comparison.difference > 0 ? 'better' : 'worse';
}

export function isSmall(arm: ResultArm | undefined): boolean {
  return !arm || arm.people < SMALL_PEOPLE || arm.converted < SMALL_CONVERSIONS;
}

/** 95 % interval of one rate (Wilson), for the whiskers of a bar. */
export function wilson(converted: number, people: number, z = 1.959964): [number, number] {
  if (people === 0) return [0, 1];
  const p = converted / people;
  const base = 1 + (z * z) / people;
  const middle = (p + (z * z) / (2 * people)) / base;
  const half = (z / base) * Math.sqrt((p * (1 - p)) / people + (z * z) / (4 * people * people));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** People who converted because of it: the difference times those who got it. */
export const extra = (comparison: Comparison, arm: ResultArm) => Math.round((comparison.difference ?? 0) * arm.people);

// How strong a difference is, by the customary bounds, and what a share is worth against another.

export type Strength = 'strong' | 'medium' | 'weak' | 'none';

const graded = (size: number, bounds: readonly [number, number, number]): Strength => (size >= bounds[2] ? 'strong' : size >= bounds[1] ? 'medium' : size >= bounds[0] ? 'weak' : 'none');
/** Cramér's V, by Cohen's bounds for one degree of freedom. */
export const ofCramersV = (effect: number): Strength => graded(Math.abs(effect), [0.1, 0.3, 0.5]);
/** Cliff's delta, by Romano's bounds. */
export const ofCliffsDelta = (delta: number): Strength => graded(Math.abs(delta), [0.147, 0.33, 0.474]);

/** Above this a difference may be chance. */
export const MAY_BE_CHANCE = 0.05;

/** A round upper end for bars, so that small shares fill the picture and the end says something. */
export function niceTop(values: number[]): number {
  const top = Math.max(0, ...values.filter(Number.isFinite));
  if (top <= 0) return 1;
  const step = 10 ** Math.floor(Math.log10(top));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((one) => one * step).find((one) => one >= top * 0.9999)!;
}

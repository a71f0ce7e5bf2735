// New segments out of others, as conditions.
import type { Condition } from '../../../lib/api';
import type { Overlap, Region } from '../../../lib/api';

export const OPERATIONS = ['union', 'intersection', 'difference'] as const;
export type Operation = (typeof OPERATIONS)[number];
export const isOperation = (text: string): text is Operation => (OPERATIONS as readonly string[]).includes(text);

export function combined(operation: Operation, a: string, b: string): Condition {
  const both: Condition[] = [{ segment: a }, { segment: b }];
  if (operation === 'union') return { any: both };
  if (operation === 'intersection') return { all: both };
  return { all: [{ segment: a }, { not: { segment: b } }] };
}

/** Those who are in exactly these of the compared segments. */
export function regionCondition(region: Region, compared: string[]): Condition {
  return { all: [...region.in.map((segment): Condition => ({ segment })), ...compared.filter((id) => !region.in.includes(id)).map((segment): Condition => ({ not: { segment } }))] };
}

/** Everybody who is in at least one of them. */
export const inAny = (overlap: Overlap): number => overlap.regions.reduce((sum, one) => sum + one.count, 0);

export function parts(overlap: Overlap, a: string, b: string): { onlyA: number; both: number; onlyB: number } {
  const of = (...ids: string[]) => overlap.regions.find((one) => one.in.length === ids.length && ids.every((id) => one.in.includes(id)))?.count ?? 0;
  return { onlyA: of(a), both: of(a, b), onlyB: of(b) };
}

export function sizeOf(operation: Operation, { onlyA, both, onlyB }: ReturnType<typeof parts>): number {
  return operation === 'union' ? onlyA + both + onlyB : operation === 'intersection' ? both : onlyA;
}

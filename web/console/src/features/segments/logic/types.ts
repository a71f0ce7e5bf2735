// What a segment is made of.
import type { Condition, Segment } from '../../../lib/api';

export type RuleSegment = Segment & { condition: Condition };
export const isList = (segment: Pick<Segment, 'kind'>): boolean => segment.kind === 'list';
export const hasRule = (segment: Segment): segment is RuleSegment => !!segment.condition;

export const KINDS = ['rule', 'list', 'sample'] as const;
export type Kind = (typeof KINDS)[number];

export type Change = 'add' | 'remove';

// What the API says of things that are not people, and of the tags on them.
import type { Schemas } from './generated';
import type { Test } from './types';

export type ThingType = Schemas['ThingType'];
export type ThingTypeSettings = Schemas['CatalogTypeSettings'];
export type ThingState = Schemas['ThingState'];
export type Attribute = string | number | boolean | (string | number | boolean)[];
export type Attributes = { [name: string]: Attribute };
export type ThingLine = Omit<Schemas['ThingLine'], 'attributes' | 'tags'> & { attributes: Attributes; tags: { [tag: string]: string } };
export type Thing = Omit<Schemas['Thing'], 'attributes'> & { attributes: Attributes };
export type ThingDay = Schemas['ThingDay'];
export type ThingChange = Schemas['ThingChange'];
export type ThingDraft = { name: string; attributes: Attributes };
export type ThingsImported = Schemas['ThingsImported'];
/** A line of an import, where null takes an attribute away. */
export type ThingSaid = { id: string; name?: string; attributes?: { [name: string]: Attribute | null } };

// ---------- tags ----------
export type FigureOf = Schemas['ThingFigure'];
export type AttributeTest = { name: string } & Test;
export type FigureTest = { event: string; of?: FigureOf; days?: number } & Test;
export type ThingCondition = { all: ThingCondition[] } | { any: ThingCondition[] } | { not: ThingCondition } | { attribute: AttributeTest } | { figure: FigureTest };
export type ThingStep = { value: string; label?: string | null; condition: ThingCondition };
export type ThingNamed = { value: string; label?: string | null };
export type ThingPart = { value: string; label?: string | null; to: number };
export type ThingShare = { event: string; of?: FigureOf; days: number; values: ThingPart[] };
export type ThingTagRule = { values?: ThingStep[] | null; otherwise?: string | null; share?: ThingShare | null; assigned?: ThingNamed[] | null };
export type ThingTag = Omit<Schemas['ThingTagView'], 'rule'> & { rule: ThingTagRule };
export type ThingTagTemplate = Omit<Schemas['ThingTagTemplate'], 'rule'> & { rule: ThingTagRule };
export type ThingTagDraft = { title: string; category: string; owner: string; description: string; rule: ThingTagRule };
export type ThingTagSurvey = Schemas['ThingTagSurvey'];

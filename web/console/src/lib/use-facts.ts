// The facts that conditions may name, asked once and shared by every builder.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type Condition, type CountAnswer, type EventName, type PropertyFact, type Tag, call } from './api';
import { type Language, useLanguage } from './i18n';
import { half, namedValues, valueText } from './labels';
import { queries } from './query';

type Shared = {
  events: EventName[];
  traits: PropertyFact[];
  tags: (PropertyFact & { title: string; labels?: { [value: string]: string } })[];
  segments: { id: string; name: string; count?: number }[];
  properties: (event: string) => Promise<PropertyFact[]>;
};

const properties = (event: string): Promise<PropertyFact[]> =>
  queries.fetchQuery({ queryKey: ['events', 'properties', event], staleTime: 60_000, queryFn: () => call('GET /events/properties', { query: { name: event } }).then((answer) => answer.items) });

/** What a tag is called, what it may say, and what that is called. */
function tagFact({ name, title, rule }: Tag, lang: Language): Shared['tags'][number] {
  const isNumber = rule.statistic && !['first', 'last'].includes(rule.statistic.function);
  const values = namedValues(rule).map((one) => one.value);
  return { name, title: half(title, lang), kinds: [isNumber ? 'number' : 'text'], examples: values, ...(values.length > 0 ? { labels: Object.fromEntries(values.map((value) => [value, valueText(value, rule, lang)])) } : {}) };
}

export function useFacts(): Shared {
  const lang = useLanguage();
  const events = useQuery({ queryKey: ['events', 'names'], staleTime: 60_000, queryFn: () => call('GET /events/names').then((answer) => answer.items) });
  const traits = useQuery({ queryKey: ['traits'], staleTime: 60_000, queryFn: () => call('GET /traits').then((answer) => answer.items) });
  const tags = useQuery({ queryKey: ['tags', 'facts'], staleTime: 30_000, retry: false, queryFn: () => call('GET /tags', { query: { limit: 500 } }).then((answer) => answer.items) });
  const segments = useQuery({ queryKey: ['segments', 'all'], staleTime: 30_000, queryFn: () => call('GET /segments', { query: { limit: 200 } }).then((answer) => answer.items) });
  return useMemo(
    () => ({
      events: events.data ?? [],
      traits: traits.data ?? [],
      tags: (tags.data ?? []).filter((one) => one.state === 'active').map((one) => tagFact(one, lang)),
      segments: (segments.data ?? []).filter((one) => one.state !== 'archived').map(({ id, name, count }) => ({ id, name, count })),
      properties,
    }),
    [events.data, traits.data, tags.data, segments.data, lang],
  );
}

/** At once: an estimate where people are many and each would have to be asked. */
export const countCondition = (condition: Condition, signal: AbortSignal, atOnce = false): Promise<CountAnswer> => call('POST /segments:count', { body: { condition, at_once: atOnce }, signal });

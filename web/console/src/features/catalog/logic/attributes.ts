// Which attributes things of a type have: from a page of them, for who writes a rule.
import { useQuery } from '@tanstack/react-query';
import { type PropertyFact, type ThingLine, call } from '../../../lib/api';

const NUMBER = /^-?\d+(\.\d+)?$/;

export function attributeFacts(things: ThingLine[]): PropertyFact[] {
  const found = new Map<string, { values: unknown[] }>([['name', { values: things.map((one) => one.name).filter(Boolean) }]]);
  for (const thing of things) {
    for (const [name, value] of Object.entries(thing.attributes)) {
      const one = found.get(name) ?? { values: [] };
      one.values.push(value);
      found.set(name, one);
    }
  }
  return [...found].map(([name, { values }]) => ({ name, kinds: [kindOf(values)], examples: [...new Set(values.filter((one) => !Array.isArray(one)))].slice(0, 8) as PropertyFact['examples'] }));
}

/** Prices are often written as texts; a condition compares them as numbers all the same. */
function kindOf(values: unknown[]): 'number' | 'bool' | 'list' | 'text' {
  if (values.length > 0 && values.every((one) => typeof one === 'number' || (typeof one === 'string' && NUMBER.test(one)))) return 'number';
  if (values.length > 0 && values.every((one) => typeof one === 'boolean')) return 'bool';
  return values.length > 0 && values.every(Array.isArray) ? 'list' : 'text';
}

export function useAttributes(type: string): PropertyFact[] {
  const asked = useQuery({ queryKey: ['catalog', 'attributes', type], staleTime: 60_000, queryFn: () => call('GET /catalog/{type}', { path: { type }, query: { state: 'described' as never, limit: 200 } }).then((answer) => attributeFacts(answer.items)) });
  return asked.data ?? [];
}

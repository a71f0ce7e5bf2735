// Holes are filled with zeros, on the server's own boundaries.
import { expect, test } from 'vitest';
import { cut, wholeSeries } from './series';

const at = (text: string) => Date.parse(text);

test('weeks begin on Mondays', () => {
  expect(new Date(cut(at('2026-11-22T12:00:00Z'), 'week')).toISOString()).toBe('2026-11-16T00:00:00.000Z');
  expect(new Date(cut(at('2026-11-23T00:00:00Z'), 'week')).toISOString()).toBe('2026-11-23T00:00:00.000Z');
});

test('days without any are zero, and nothing is made up beyond now', () => {
  const points = [{ at: '2026-11-02T00:00:00.000Z', value: 3 }];
  expect(wholeSeries(points, 'day', '2026-11-01T00:00:00Z', '2026-11-30T00:00:00Z', at('2026-11-03T09:00:00Z'))).toEqual([
    { at: '2026-11-01T00:00:00.000Z', value: 0 },
    { at: '2026-11-02T00:00:00.000Z', value: 3 },
    { at: '2026-11-03T00:00:00.000Z', value: 0 },
  ]);
});

test('what the server gives is never lost', () => {
  const points = [{ at: '2026-11-05T00:00:00.000Z', value: 1 }];
  expect(wholeSeries(points, 'day', '2026-11-01T00:00:00Z', '2026-11-30T00:00:00Z', at('2026-11-03T09:00:00Z')).at(-1)).toEqual(points[0]);
});

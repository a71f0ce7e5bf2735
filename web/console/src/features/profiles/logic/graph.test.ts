import { expect, test } from 'vitest';
import type { Identity } from '../../../lib/api';
import { layout } from './graph';

const identity = (n: number): Identity => ({
  identifiers: Array.from({ length: n }, (_, i) => ({ type: i === 3 ? 'user_id' : 'anonymous_id', value: `v${i}`, weight: i === 3 ? 100 : 20, events: i, first_seen: '2026-01-01T00:00:00Z' })),
  links: Array.from({ length: n - 1 }, (_, i) => ({ a: { type: 'anonymous_id', value: 'v0' }, b: { type: i + 1 === 3 ? 'user_id' : 'anonymous_id', value: `v${i + 1}` }, evidence: { event_id: 'e', kind: 'identify', at: '', identifiers: [], detail: {} } })),
  refused: [],
  apart: [],
});

test.each([1, 2, 5, 12, 25, 40])('%i identifiers fit into the picture, none upon another', (n) => {
  const { places, lines, width, height } = layout(identity(n));
  expect(places.length).toBe(Math.min(n, 30));
  for (const { x, y } of places) {
    expect(x).toBeGreaterThan(30);
    expect(x).toBeLessThan(width - 30);
    expect(y).toBeGreaterThan(20);
    expect(y).toBeLessThan(height - 50);
  }
  const apart = places.every((a, i) => places.every((b, j) => i === j || Math.hypot(a.x - b.x, a.y - b.y) > 40));
  expect(apart).toBe(true);
  expect(lines.length).toBe(Math.min(n, 30) - 1);
});

test('the heaviest stands in the middle', () => {
  expect(layout(identity(6)).places[0]!.node.type).toBe('user_id');
});

// The later word holds, whether it was said of one channel or of all.
import { expect, test } from 'vitest';
import type { Consent } from '../../../lib/api';
import { holding, rowsOf } from './consents';

const said = (purpose: string, channel: string, granted: boolean, at: string): Consent => ({ purpose, channel, granted, at, event_id: '', source: '' });

test('the later of channel and all channels holds', () => {
  const all = [said('marketing', '*', true, '2026-11-01T00:00:00Z'), said('marketing', 'email', false, '2026-11-02T00:00:00Z')];
  expect(holding(all, 'marketing', 'email')?.granted).toBe(false);
  expect(holding(all, 'marketing', 'sms')?.granted).toBe(true);
  expect(holding(all, 'tracking', 'sms')).toBe(undefined);
});

test('channels of marketing stand first, all else after', () => {
  const rows = rowsOf([said('tracking', '*', false, '2026-11-01T00:00:00Z'), said('marketing', 'push', true, '2026-11-01T00:00:00Z')]);
  expect(rows.map((row) => `${row.purpose} ${row.channel}`)).toEqual(['marketing email', 'marketing sms', 'marketing webhook', 'tracking *', 'marketing push']);
});

// What leaves the form is what the server can read.
import { expect, test } from 'vitest';
import { KEPT, PROVIDERS, outgoing, signingSecret } from './providers';

test('what is empty is left out, unless it is needed', () => {
  expect(outgoing({ kind: 'smtp', config: { host: '', tls: 'tls', port: null, user: '', from_address: 'a@b.c' } })).toEqual({ kind: 'smtp', config: { host: '', tls: 'tls', from_address: 'a@b.c' } });
});

test('secrets that are kept and settings nobody knows here go back as they came', () => {
  const saved = { kind: 'smtp', config: { host: 'mail', password: KEPT, connections: 4, dkim: KEPT } };
  expect(outgoing(saved)).toEqual(saved);
});

test('each channel begins with what is needed', () => {
  for (const one of Object.values(PROVIDERS)) expect(one.fields.filter((field) => field.needed).every((field) => field.key in one.begin)).toBe(true);
  expect(signingSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
});

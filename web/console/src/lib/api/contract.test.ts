// The console's idea of the API against the server's own document: operations, bodies and answers.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { ServerOperations } from './generated';
import type { Operations } from './types';

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, '../../..');

// ---------- decided by the compiler ----------
/** Only in the demo, and so not in the document. */
type OnlySometimes = 'GET /sink/messages' | 'GET /sink/messages/{id}';
type Known = Exclude<keyof Operations, OnlySometimes>;
const everyCallIsThere: Known extends keyof ServerOperations ? true : Exclude<Known, keyof ServerOperations> = true;

type Takes<O> = O extends keyof ServerOperations ? ServerOperations[O]['takes'] : unknown;
type Gives<O> = O extends keyof ServerOperations ? ServerOperations[O]['gives'] : unknown;
type Silent<T> = unknown extends T ? true : false;
type WrongBody = { [O in Known]: Silent<Takes<O>> extends true ? never : Operations[O] extends { body: infer B } ? (B extends Takes<O> ? never : O) : O }[Known];
const everyBodyFits: [WrongBody] extends [never] ? true : WrongBody = true;
/** What is opaque in the document (a condition, a trait's value) says nothing against ours. */
type Opaque<T> = T extends object ? (keyof T extends never ? unknown : { [K in keyof T]: Opaque<T[K]> }) : T;
type WrongAnswer = { [O in Known]: Silent<Gives<O>> extends true ? never : Operations[O]['answer'] extends Opaque<Gives<O>> ? never : O }[Known];
const everyAnswerFits: [WrongAnswer] extends [never] ? true : WrongAnswer = true;

test('calls, bodies and answers are the document’s', () => {
  expect([everyCallIsThere, everyBodyFits, everyAnswerFits]).toEqual([true, true, true]);
});

// ---------- decided here ----------
test('what is generated is what the script makes of the document', async () => {
  const script = (await import(/* @vite-ignore */ resolve(ROOT, 'scripts/generate.mjs'))) as { generate: (document: unknown) => string };
  const document: unknown = JSON.parse(readFileSync(resolve(ROOT, 'openapi.json'), 'utf8'));
  expect(readFileSync(resolve(HERE, 'generated.ts'), 'utf8')).toBe(script.generate(document));
});

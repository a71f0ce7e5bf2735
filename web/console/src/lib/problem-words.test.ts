// Every code the server can answer a page with has words in both languages.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { fieldWord, problemWords } from './problem-words';
import { reasonLabel } from './vocabulary';

const CRATES = resolve(import.meta.dirname, '../../../../crates');
/** Answered to clients that send events, said on the command line or in the log, or faults of ours: shown by status or as a reason. */
const ELSEWHERE = /^(collect\.(?!source|kind|away)|condition\.(?!faulty)|kernel\.(?!io)|server\.|identity\.|event_pipeline\.|event_lake\.|stream_bus\.|profile_kv\.|blob_store\.|log\.|outbound|experiments\.|models\.(code_unknown|column_kind|column_twice|column_unknown|fact_unknown|length_differs|value_not_finite)|linkage\.|stories\.|brand\.|xtask\.)|_panicked$|_unreadable$|\.(bootstrap_incomplete|key_weak|role_unknown|user_not_found|column_not_text|after_attempted|after_sent|receipts_not_taken|failed|newer|url_invalid|bitmap_unreadable)$/;

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\/src\/.*\.rs$/.test(name) && !/tests?\.rs$|testing\.rs$/.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8').split('#[cfg(test)]')[0])
    .join('\n');
}

test.skipIf(!existsSync(CRATES))('the server’s codes have words', () => {
  const text = sources(CRATES);
  const codes = [...text.matchAll(/(?:invalid|unauthenticated|denied|not_found|conflict|limited|timed_out|unavailable)\(\s*"([a-z_]+\.[a-z_]+)"/g)].map((found) => found[1]!);
  expect(codes.length).toBeGreaterThan(60);
  expect([...new Set(codes)].filter((code) => !ELSEWHERE.test(code) && !(code in problemWords.words)).sort()).toEqual([]);
});

test('fields are said in words too', () => {
  expect(fieldWord('is taken')).toBe('field_taken');
  expect(fieldWord('not a mail address: no at sign')).toBe('field_email');
  expect(fieldWord('something new')).toBe(null);
});

test('reasons are read apart', () => {
  expect(reasonLabel('cap:*:rolling:7d:3', 'zh')).toBe('超过频次上限（7 天内最多 3 条）');
  expect(reasonLabel('cap:email:calendar:1w:1', 'en')).toBe('Frequency cap reached (E-mail, at most 1 a week)');
  expect(reasonLabel('collect.name_missing', 'en')).toBe('Name missing');
  expect(reasonLabel('plan.missing_property:value', 'zh')).toBe('缺少必填属性（金额）');
  expect(reasonLabel('too_many_of_type:user_id', 'en')).toBe('Too many identifiers of one kind (User ID)');
  expect(reasonLabel('retry:not_connected', 'zh')).toBe('稍后重试：连不上服务商');
  expect(reasonLabel('rcpt.550', 'zh')).toBe('rcpt.550');
});

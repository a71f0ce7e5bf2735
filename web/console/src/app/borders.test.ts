// The house's borders: features show a manifest and never import each other; ui and lib stand below them; words are in both languages.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '..');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'));
const imports = files.flatMap((file) => {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((found) => ({ file, to: relative(SRC, resolve(SRC, dirname(file), found[1]!)) }));
});
const room = (path: string) => /^features\/([^/]+)/.exec(path)?.[1];

test('features never import each other', () => {
  expect(imports.filter(({ file, to }) => room(file) && room(to) && room(file) !== room(to))).toEqual([]);
});
test('the shell knows a feature by its manifest alone', () => {
  expect(imports.filter(({ file, to }) => !room(file) && room(to) && to !== `features/${room(to)}`)).toEqual([]);
});
test('ui and lib import neither features nor the shell, and lib imports no ui', () => {
  expect(imports.filter(({ file, to }) => /^(ui|lib)\//.test(file) && /^(features|app)\b/.test(to))).toEqual([]);
  expect(imports.filter(({ file, to }) => file.startsWith('lib/') && to.startsWith('ui'))).toEqual([]);
  expect(imports.filter(({ file, to }) => room(file) && to.startsWith('app'))).toEqual([]);
});
test('a manifest is the only export of a feature', () => {
  for (const name of readdirSync(join(SRC, 'features'))) {
    const text = readFileSync(join(SRC, 'features', name, 'index.ts'), 'utf8');
    expect(text.match(/^export /gm), name).toEqual(['export ']);
    expect(text, name).toContain('export default {');
  }
});
test('every word has Chinese and English, and every word is used', () => {
  const all = files.map((file) => readFileSync(join(SRC, file), 'utf8'));
  const unused: string[] = [];
  for (const file of files.filter((name) => /words\.ts$/.test(name))) {
    const text = readFileSync(join(SRC, file), 'utf8');
    for (const [, key, zh, en] of text.matchAll(/(?:^|[\s{])'?([\w.]+)'?: \['((?:[^'\\]|\\.)*)', '((?:[^'\\]|\\.)*)'/gm)) {
      expect(zh, `${file} ${key}`).not.toBe('');
      const params = (word: string) => [...word.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).filter((name) => name !== 'n' && name !== 'count').sort();
      expect(params(en!), `${file} ${key}`).toEqual(params(zh!));
      // Keys made of parts (`fault_${code}`) are used through their first part.
      const stem = key!.includes('_') ? key!.slice(0, key!.indexOf('_') + 1) : key!;
      const end = key!.slice(key!.lastIndexOf('_'));
      if (!all.some((one) => one.includes(`'${key}'`) || one.includes(`\`${stem}\${`) || one.includes(`}${end}\``) || new RegExp(`^  ${key}: \`SELECT`, 'm').test(one)) && !/^(k|s|p|f|op)_|^status_|\./.test(key!) && !['zh', 'en'].includes(key!) && !/^[smhdw]$/.test(key!) && !/(VERBS|NOUNS)/.test(key!)) unused.push(`${file}: ${key}`);
    }
  }
  expect(unused.filter((one) => !/features\/audit\/words|problem-words/.test(one))).toEqual([]);
}, 20_000);
test('no line of the lock file names a registry', () => {
  const lock = readFileSync(join(SRC, '..', 'package-lock.json'), 'utf8');
  expect(lock.includes('"resolved"')).toBe(false);
});

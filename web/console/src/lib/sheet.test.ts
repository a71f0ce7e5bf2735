import { expect, test } from 'vitest';
import { cells } from './sheet';

test('tabs and semicolons', () => {
  expect(cells('a\tb\n1\t2')).toEqual([['a', 'b'], ['1', '2']]);
  expect(cells('a;b\n1;2,5')).toEqual([['a', 'b'], ['1', '2,5']]);
});

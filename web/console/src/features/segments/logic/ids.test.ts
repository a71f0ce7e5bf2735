import { expect, test } from 'vitest';
import { idsOf, likelyColumn, likelyType, readSheet } from './ids';

test('one column without a heading', () => {
  const sheet = readSheet('10001\r\n10002\r\n\r\n10002\n 10003 \n');
  expect(sheet.hasHeader).toBe(false);
  expect(idsOf(sheet, 0)).toEqual({ ids: ['10001', '10002', '10003'], blank: 0, doubles: 1 });
});
test('a heading, a mark of the byte order, quotation marks and blanks', () => {
  const sheet = readSheet('\ufeff姓名,会员号,备注\n"李, 梅",M001,"第一行\n第二行"\n王强,,\n赵,M001,"说 ""好"""\n');
  expect(sheet.hasHeader).toBe(true);
  expect(sheet.columns.map((one) => one.name)).toEqual(['姓名', '会员号', '备注']);
  expect(sheet.rows[0]).toEqual(['李, 梅', 'M001', '第一行\n第二行']);
  expect(sheet.rows[2]![2]).toBe('说 "好"');
  expect(idsOf(sheet, 1)).toEqual({ ids: ['M001'], blank: 1, doubles: 1 });
});
test('a first line that is an id is no heading', () => {
  expect(readSheet('alice@example.com\nbob@example.com').hasHeader).toBe(false);
  expect(readSheet('联系方式\nalice@example.com').hasHeader).toBe(true);
  expect(readSheet('user_id\nalice\nbob').hasHeader).toBe(true);
  expect(readSheet('alice\nbob').hasHeader).toBe(false);
});
test('nothing in, nothing out', () => {
  const sheet = readSheet(' \n');
  expect(sheet.columns).toEqual([]);
  expect(idsOf(sheet, 0)).toEqual({ ids: [], blank: 0, doubles: 0 });
});
test('the column of ids is guessed', () => {
  expect(likelyColumn(readSheet('姓名,会员号\n李梅,M1'))).toBe(1);
  expect(likelyColumn(readSheet('李梅,13800138000\n王强,13800138001'))).toBe(1);
  expect(likelyColumn(readSheet('user_id,email\n1,a@b.cn'))).toBe(0);
  expect(likelyColumn(readSheet('alice\nbob'))).toBe(0);
  expect(likelyColumn(readSheet(''))).toBe(0);
});
test('the kind of identifier is guessed', () => {
  const types = ['user_id', 'email', 'phone'];
  expect(likelyType(['a@b.cn'], '', types)).toBe('email');
  expect(likelyType(['13800138000'], '', types)).toBe('phone');
  expect(likelyType(['1'], 'Email', types)).toBe('email');
  expect(likelyType(['10001'], '', types)).toBe('user_id');
  expect(likelyType([], '', [])).toBeUndefined();
});

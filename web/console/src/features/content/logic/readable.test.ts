import { expect, test } from 'vitest';
import { readable } from './readable';

const names: { [name: string]: string } = { name: '姓名', item_name: '商品名称' };
const read = (subject: string) => readable(subject, (one) => names[one] ?? one);

test('a subject is read as most people get it', () => {
  expect(read('{{ person.name }}，你的新人券')).toBe('[姓名]，你的新人券');
  expect(read("{% if person.language == 'en' %}{{ event.item_name }} is still in your cart{% else %}{{ event.item_name }}还在购物车里{% endif %}")).toBe('[商品名称]还在购物车里');
  expect(read("{% if a %}A{% elsif b %}B{% else %}{% if c %}C{% else %}D{% endif %}{% endif %}!")).toBe('D!');
  expect(read('{% if vip %}VIP {% endif %}{{ person.nick | default: "friend" }}')).toBe('VIP [nick]');
});

test('what is broken is shown as it is', () => {
  expect(read('{{ person.name ，你好')).toBe('{{ person.name ，你好');
});

// The same condition said in both languages.
import { expect, test } from 'vitest';
import type { Condition } from '../../lib/api';
import { sentence } from './sentence';

const names = { segment: (id: string) => (id === 'seg_1' ? '高价值会员' : undefined) };
const both = (condition: Condition) => [sentence(condition, 'zh', names), sentence(condition, 'en', names)];

test('nothing yet', () => {
  expect(both({ all: [] })).toEqual(['还没有条件。', 'No condition yet.']);
});

test('events with filter, count and window', () => {
  expect(both({ event: { name: 'view_item', where: { property: 'category', eq: '咖啡豆' } as never, count: { gte: 3 }, within: '30d' } })).toEqual([
    '最近 30 天内做过「浏览商品」（品类 是 咖啡豆）至少 3 次的用户。',
    'People who match: did “View item” (Category is 咖啡豆) at least 3 times in the last 30 days.',
  ]);
});

test('what did not happen', () => {
  expect(both({ not: { event: { name: 'purchase', within: '14d' } } })).toEqual(['最近 14 天内没有做过「下单支付」的用户。', 'People who match: did not do “Purchase” in the last 14 days.']);
});

test('sums, dates and anchors', () => {
  expect(both({ event: { name: 'purchase', sum: { property: 'amount', gte: 500 } as never, between: ['2026-10-01', '2026-11-01'] } })).toEqual([
    '2026-10-01 起、2026-11-01 之前「下单支付」的金额总和不小于 500 的用户。',
    'People who match: the total of Amount over “Purchase” is at least 500 from 2026-10-01 until before 2026-11-01.',
  ]);
  expect(both({ event: { name: 'purchase', since: { event: 'sign_up', which: 'first', within: '7d' } } })).toEqual(['首次「注册」之后 7 天内做过「下单支付」的用户。', 'People who match: did “Purchase” within 7 days after the first “Sign up”.']);
});

test('joins, groups and denied groups', () => {
  const tree: Condition = { all: [{ segment: 'seg_1' }, { not: { any: [{ consent: { purpose: 'marketing', channel: 'sms' } }, { trait: { name: 'city', in: ['上海', '杭州'] } as never }] } }] };
  expect(both(tree)).toEqual([
    '属于人群「高价值会员」，并且不满足（同意短信营销，或者「城市」是 上海、杭州 之一）的用户。',
    'People who match: is in segment “高价值会员”, and not (has agreed to marketing by SMS, or “City” is one of 上海, 杭州).',
  ]);
});

test('sequences, tags, booleans and relative times', () => {
  expect(both({ sequence: { steps: [{ name: 'add_to_cart' }, { name: 'checkout' }], within: '1d' } })).toEqual(['1 天内依次做过「加入购物车」 → 「去结算」的用户。', 'People who match: did “Add to cart”, then “Checkout” within 1 day.']);
  expect(both({ trait: { name: 'is_vip', eq: true } as never })).toEqual(['「是否 VIP」是 是的用户。', 'People who match: “Is VIP” is yes.']);
  expect(both({ trait: { name: 'registered_at', before: '-7d' } as never })).toEqual(['「注册时间」早于 7 天前的用户。', 'People who match: “Registered at” is before 7 days ago.']);
});

test('so many seconds are read as days and hours', () => {
  expect(both({ event: { name: 'add_to_cart', within: '2456824s' } })).toEqual(['最近 28 天 10 小时内做过「加入购物车」的用户。', 'People who match: did “Add to cart” in the last 28 days 10 hours.']);
});

test('blanks are shown as blanks', () => {
  expect(both({ event: { name: '' } })).toEqual(['做过「…」的用户。', 'People who match: did “…”.']);
});

test('tags by their titles, values by what they are called', () => {
  const named = { ...names, tag: (name: string) => (name === 'tier' ? '档次' : undefined), tagValue: (_: string, value: string) => (value === 'top' ? '高档' : undefined) };
  const tree: Condition = { all: [{ tag: { name: 'tier', in: ['top', 'mid'] } as never }, { trait: { name: 'gender', eq: 'female' } as never }, { tag: { name: 'rank', in: [] } as never }] };
  expect(sentence(tree, 'zh', named)).toBe('标签「档次」是 高档、mid 之一，并且「性别」是 女，并且标签「rank」是 … 之一的用户。');
});

test('a figure stands apart from the Chinese before it, and a channel is a word among words', () => {
  expect(both({ any: [{ segment: 'seg_1' }, { sequence: { steps: [{ name: 'add_to_cart' }, { name: 'purchase' }], within: '7d' } }, { consent: { purpose: 'marketing', channel: 'email' } }] })).toEqual([
    '属于人群「高价值会员」，或者 7 天内依次做过「加入购物车」 → 「下单支付」，或者同意邮件营销的用户。',
    'People who match: is in segment “高价值会员”, or did “Add to cart”, then “Purchase” within 7 days, or has agreed to marketing by e-mail.',
  ]);
});

test('what is denied as a whole stands in brackets as a whole', () => {
  const city: Condition = { trait: { name: 'city', eq: '上海' } as never };
  expect(sentence({ not: { all: [{ any: [city, { segment: 'seg_1' }] }, city] } }, 'zh', names)).toBe('不满足（（「城市」是 上海，或者属于人群「高价值会员」），并且「城市」是 上海）的用户。');
});

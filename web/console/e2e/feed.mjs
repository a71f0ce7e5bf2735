// Feeds a coffee brand's people and their doings in by the front door, `/v1/batch`, as any client would.
const NAMES = { family: [...'李王张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗'], given: ['雨桐', '子涵', '浩然', '欣怡', '梓萱', '宇轩', '思远', '佳怡', '晨曦', '文博', '静雅', '俊杰', '梦琪', '天佑', '若曦', '嘉豪'] };
const CITIES = ['上海', '北京', '杭州', '深圳', '成都', '广州', '武汉', '西安'];
const LEVELS = ['普通会员', '银卡', '金卡', '黑金'];
const GOODS = [['SKU-1001', '云南小粒咖啡豆', '咖啡豆', '98.00'], ['SKU-1002', '挂耳咖啡 10 包', '挂耳', '59.00'], ['SKU-1003', '手冲壶', '器具', '268.00'], ['SKU-1004', '冷萃液 6 杯', '即饮', '78.00'], ['SKU-1005', '燕麦拿铁礼盒', '即饮', '128.00']];
const DAY = 86_400_000;

/** The same numbers every time (mulberry32). */
function dice(seed) {
  let state = seed;
  const roll = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { roll, pick: (list) => list[Math.floor(roll() * list.length)], chance: (share) => roll() < share, int: (from, to) => from + Math.floor(roll() * (to - from + 1)) };
}

/** What one person did in the last sixty days, oldest first; nothing lies in the future. */
function life(n, now, d) {
  const user = String(10_000 + n);
  const anonymous = `web-${user}`;
  const joined = now - d.int(1, 60) * DAY - d.int(0, DAY - 1);
  const name = d.pick(NAMES.family) + d.pick(NAMES.given);
  const traits = { name, email: `member${user}@example.com`, phone: `1380${String(1_000_000 + n).padStart(7, '0')}`, city: d.pick(CITIES), level: d.pick(LEVELS), points: d.int(0, 5_000), registered_at: new Date(joined).toISOString() };
  const calls = [];
  const say = (at, call) => at <= now && calls.push({ messageId: `feed-${user}-${calls.length}`, timestamp: new Date(at).toISOString(), context: { channel: 'web' }, ...call });
  const track = (at, event, properties = {}) => say(at, { type: 'track', userId: user, event, properties });
  say(joined - 600_000, { type: 'page', anonymousId: anonymous, name: '首页', properties: { url: 'https://shop.example.com/', title: '首页' } });
  say(joined, { type: 'identify', userId: user, anonymousId: anonymous, traits });
  track(joined + 1_000, 'register', { channel: 'web' });
  if (d.chance(0.75)) track(joined + 2_000, 'consent_granted', { purpose: 'marketing', channel: d.chance(0.6) ? '*' : 'email' });
  if (d.chance(0.06)) track(joined + 3 * DAY, 'consent_withdrawn', { purpose: 'marketing', channel: 'email' });
  for (let visits = d.int(1, 6), at = joined + d.int(1, 20) * 3_600_000; visits > 0; visits -= 1, at += d.int(4, 300) * 3_600_000) {
    const [item_id, item_name, category, price] = d.pick(GOODS);
    track(at, 'view_item', { item_id, item_name, category, price });
    if (!d.chance(0.55)) continue;
    track(at + 90_000, 'add_to_cart', { item_id, item_name, category, price, quantity: 1 });
    if (!d.chance(0.5)) continue;
    track(at + 300_000, 'purchase', { order_id: `SO${user}${visits}`, value: price, amount: price, currency: 'CNY', items: [{ item_id, quantity: 1, price }] });
    if (d.chance(0.05)) track(at + 2 * DAY, 'refund', { order_id: `SO${user}${visits}`, value: price, currency: 'CNY' });
  }
  return calls;
}

/** What is refused, repeated, or kept from being merged, so that these can be seen too. */
function mishaps(now) {
  const at = (ms) => new Date(now - ms).toISOString();
  return [
    { type: 'track', messageId: 'feed-10001-0', userId: '10001', event: 'view_item', timestamp: at(60_000), properties: {} },
    { type: 'track', event: 'view_item', timestamp: at(50_000), properties: {} },
    { type: 'track', userId: '10002', timestamp: at(40_000), properties: {} },
    { type: 'identify', messageId: 'feed-shared-device', userId: '10003', anonymousId: 'web-10004', timestamp: at(30_000), traits: {} },
  ];
}

export async function send(url, key, calls) {
  const headers = { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`, 'Content-Type': 'application/json' };
  let accepted = 0;
  for (let from = 0; from < calls.length; from += 200) {
    const answer = await fetch(`${url}/v1/batch`, { method: 'POST', headers, body: JSON.stringify({ batch: calls.slice(from, from + 200) }) });
    if (!answer.ok) throw new Error(`/v1/batch answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    accepted += (await answer.json()).accepted ?? Math.min(200, calls.length - from);
  }
  return accepted;
}

export async function feed(url, key, { people = 300, now = Date.now() } = {}) {
  const d = dice(7);
  const calls = Array.from({ length: people }, (_, n) => life(n + 1, now, d)).flat();
  return send(url, key, [...calls.sort((a, b) => a.timestamp.localeCompare(b.timestamp)), ...mishaps(now)]);
}

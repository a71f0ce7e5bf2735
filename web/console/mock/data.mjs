// A coffee brand with shops, a web shop and an app: people and what they did, the same on every start.
let seed = 20261122;
export const rnd = () => {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
};
export const pick = (list) => list[Math.floor(rnd() * list.length)];
export const int = (low, high) => low + Math.floor(rnd() * (high - low + 1));
const hex = (n) => Array.from({ length: n }, () => '0123456789abcdefghjkmnpqrstvwxyz'[int(0, 31)]).join('');
export const id = (prefix) => `${prefix}_${hex(12)}`;
const DAY = 864e5;

const SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余'.split('');
const GIVEN = ['雨桐', '子涵', '浩然', '思远', '佳怡', '梓萱', '俊杰', '欣怡', '宇轩', '晓彤', '静', '磊', '婷', '强', '敏', '洋', '雪', '博文', '若曦', '嘉豪', '诗琪', '天佑', '慧', '鹏', '楠', '一诺', '明哲', '可欣', '志远', '雅婷'];
const CITIES = ['上海', '杭州', '北京', '深圳', '成都', '广州', '南京', '苏州', '武汉', '厦门'];
export const GOODS = [
  ['SKU-1001', '耶加雪菲 G1 250g', '咖啡豆', 98], ['SKU-1002', '意式拼配 500g', '咖啡豆', 128], ['SKU-1003', '云南日晒 250g', '咖啡豆', 78], ['SKU-2001', '挂耳咖啡 10 片装', '挂耳', 59],
  ['SKU-2002', '挂耳礼盒 30 片装', '挂耳', 159], ['SKU-3001', '手冲壶套装', '器具', 269], ['SKU-3002', '磨豆机', '器具', 399], ['SKU-4001', '冻干黑咖 24 杯', '即溶', 89], ['SKU-5001', '燕麦拿铁券', '饮品券', 28],
];
const SHOPS = ['上海静安店', '上海徐汇店', '杭州湖滨店', '北京三里屯店', '深圳万象店', '成都太古里店'];
const LEVELS = ['普通会员', '银卡', '金卡', '黑卡'];

export const SOURCES = [
  { id: 'src_web', name: '官网商城', kind: 'web', write_key: 'wk_web_7f3k9d2m4q8x', created_at: ago(240) },
  { id: 'src_app', name: 'App', kind: 'app', write_key: 'wk_app_2b8n5v1c9z7h', created_at: ago(200) },
  { id: 'src_pos', name: '门店收银', kind: 'server', write_key: 'wk_pos_9t4r6w3e8y1u', created_at: ago(180) },
];
export function ago(days) {
  return new Date(Date.now() - days * DAY).toISOString();
}

const CHANNEL = { 官网商城: 'web', App: 'app', 门店收银: 'store' };

export function event(person, name, at, properties = {}, source = pick(SOURCES).name) {
  return { id: id('evt'), name, kind: name === 'identify' ? 'identify' : name === 'page' ? 'page' : 'track', at, ts: new Date(at).toISOString(), source, channel: CHANNEL[source] ?? 'internal', properties };
}

const item = () => {
  const [item_id, item_name, category, price] = pick(GOODS);
  return { item_id, item_name, category, price };
};

export function act(person, at) {
  const dice = rnd();
  if (dice < 0.5) return event(person, 'view_item', at, item(), pick(['官网商城', 'App']));
  if (dice < 0.62) return event(person, 'search', at, { keyword: pick(['耶加', '挂耳', '低因', '礼盒', '手冲壶']) }, 'App');
  if (dice < 0.76) return event(person, 'add_to_cart', at, { ...item(), quantity: int(1, 3) }, pick(['官网商城', 'App']));
  if (dice < 0.83) return event(person, 'checkout', at, { amount: int(40, 400) }, pick(['官网商城', 'App']));
  if (dice < 0.93) {
    const goods = item();
    const quantity = int(1, 3);
    return event(person, 'purchase', at, { order_id: `SO${int(10000000, 99999999)}`, ...goods, quantity, amount: goods.price * quantity, currency: 'CNY', payment: pick(['微信支付', '支付宝']), shop: pick(SHOPS) });
  }
  if (dice < 0.97) return event(person, 'coupon_received', at, { coupon: '新人满 80 减 20', coupon_id: 'CP-0820' }, 'App');
  return event(person, 'store_visit', at, { shop: pick(SHOPS) }, '门店收银');
}

export function makePeople(count) {
  return Array.from({ length: count }, (_, i) => {
    const anonymous = i % 7 === 6;
    const joined = Date.now() - Math.pow(rnd(), 1.6) * 240 * DAY - 3600e3;
    const name = pick(SURNAMES) + pick(GIVEN);
    const phone = `1${pick(['38', '39', '52', '58', '77', '86', '88'])}${String(int(0, 99999999)).padStart(8, '0')}`;
    const email = `${['lin', 'wang', 'chen', 'zhao', 'sun', 'xu'][i % 6]}${1000 + i}@example.com`;
    const level = pick(LEVELS.slice(0, 1 + Math.floor(rnd() * 4)));
    const person = {
      id: id('per'),
      name: anonymous ? null : name,
      identifiers: anonymous
        ? [{ type: 'anonymous_id', value: hex(16) }]
        : [
            { type: 'user_id', value: String(10001 + i) },
            { type: 'email', value: email },
            ...(rnd() < 0.8 ? [{ type: 'phone', value: phone }] : []),
            ...(rnd() < 0.5 ? [{ type: 'wechat_openid', value: `oX${hex(18)}` }] : []),
            { type: 'anonymous_id', value: hex(16) },
          ],
      traits: anonymous ? {} : { name, email, phone, city: pick(CITIES), gender: pick(['女', '男']), level, points: int(0, 5200), registered_at: new Date(joined).toISOString(), is_vip: level === '黑卡' },
      tags: { rfm: pick(['high_value', 'potential', 'sleeping']) },
      events: [],
      consents: anonymous ? [] : ['email', 'sms'].filter(() => rnd() < 0.82).map((channel) => ({ purpose: 'marketing', channel, granted: rnd() < 0.94, at: new Date(joined + 60e3).toISOString() })),
      blocked: false,
    };
    if (!anonymous) person.events.push(event(person, 'sign_up', joined, { channel: pick(['小红书', '自然搜索', '门店扫码', '朋友推荐']) }, pick(['官网商城', 'App'])));
    const busy = Math.floor(Math.pow(rnd(), 2.2) * 46) + (anonymous ? 1 : 2);
    for (let n = 0; n < busy; n += 1) person.events.push(act(person, joined + rnd() * (Date.now() - joined)));
    person.events.sort((a, b) => a.at - b.at);
    return person;
  });
}

export const SEGMENTS = [
  ['注册一周未下单', '注册满 7 天仍没有下单、可以发邮件的用户', { all: [{ event: { name: 'sign_up' } }, { not: { event: { name: 'sign_up', within: '7d' } } }, { not: { event: { name: 'purchase' } } }, { consent: { purpose: 'marketing', channel: 'email' } }] }],
  ['高价值会员', '90 天内消费满 500 元', { all: [{ event: { name: 'purchase', sum: { property: 'amount', gte: 500 }, within: '90d' } }] }],
  ['沉睡用户召回', '60 天没有任何行为', { all: [{ not: { event: { name: '*', within: '60d' } } }, { trait: { name: 'email', exists: true } }] }],
  ['加购未支付', '一天内加购但没有下单', { all: [{ event: { name: 'add_to_cart', within: '3d' } }, { not: { event: { name: 'purchase', within: '3d' } } }] }],
  ['江浙沪咖啡豆爱好者', '多次浏览咖啡豆', { all: [{ event: { name: 'view_item', where: { property: 'category', eq: '咖啡豆' }, count: { gte: 3 }, within: '90d' } }, { any: [{ trait: { name: 'city', in: ['上海', '杭州', '南京', '苏州'] } }, { trait: { name: 'level', eq: '黑卡' } }] }] }],
];

export const MAIL = `<!doctype html>
<html><body style="margin:0;background:#f4f1ec;font-family:-apple-system,'PingFang SC','Microsoft YaHei',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:28px 20px">
<h1 style="font-size:22px;color:#2b2118">{{ person.name | default: "朋友" }}，给你留了一杯</h1>
<p style="font-size:15px;line-height:1.7;color:#4a3f35">注册一周了，还没尝过我们的咖啡？这张 <b>满 80 减 20</b> 的新人券替你留着，{{ person.city }}的门店和线上都能用。</p>
<p><a href="https://shop.example.com/coupon?u={{ person.user_id }}" style="display:inline-block;background:#6b3f1d;color:#fff;padding:12px 26px;border-radius:6px;text-decoration:none">领券下单</a></p>
<p style="font-size:12px;color:#8a7f74">不想再收到？<a href="{{ unsubscribe_url }}" style="color:#8a7f74">退订</a></p>
</div></body></html>`;

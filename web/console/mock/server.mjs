// A stand-in for the server while it is being written: the same paths, believable data, live events. Only Node, no packages.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explain, faults, holds, lines, span } from './condition.mjs';
import { MAIL, SEGMENTS, SOURCES, act, ago, event, id, int, makePeople, pick, rnd } from './data.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const DAY = 864e5;
const now = () => new Date().toISOString();
export const EMAIL = 'admin@weft.local';
export const PASSWORD = 'a quiet hill of coffee';

// ---------- the world ----------
const fresh = process.argv.includes('--fresh');
const world = {
  setup: fresh,
  token: 'demo-token',
  user: { id: 'usr_1', email: EMAIL, name: '林晓' },
  workspace: { id: 'wsp_1', name: '山野咖啡', time_zone: 'Asia/Shanghai', currency: 'CNY' },
  sessions: new Set(),
  people: makePeople(1286),
  segments: [], templates: [], journeys: [], deliveries: [], imports: [], audit: [], blacklist: [], sink: [],
  sources: SOURCES.map((one) => ({ ...one, last_event_at: now() })),
  keys: [{ id: 'key_1', name: '数据仓库同步', permissions: ['people.read', 'query.run'], created_at: ago(90), last_used_at: ago(0.02) }],
  ring: [], live: new Set(), minute: Array.from({ length: 60 }, (_, i) => Math.round(70 + 25 * Math.sin(i / 7) + rnd() * 30)), today: 48213,
  settings: {
    caps: [{ channel: '*', window: 'rolling', period: '7d', limit: 3 }, { channel: 'sms', window: 'calendar', period: '1d', limit: 1 }],
    quiet_hours: { from: '22:00', to: '08:00', channels: ['sms', 'email'] },
    default_time_zone: 'Asia/Shanghai',
    channels: { email: { provider: 'smtp', host: 'smtp.example.com', port: 587, username: 'mailer', tls: 'starttls', from: '山野咖啡 <hello@example.com>' }, sms: { provider: 'http', url: 'https://sms.example.com/send', sign: '山野咖啡' }, webhook: { timeout: '10s' } },
  },
};
const count = (condition) => world.people.filter((person) => holds(person, condition, world));
const audit = (operation, target) => world.audit.unshift({ at: now(), actor: world.user.id, actor_name: world.user.email, operation, target });

SEGMENTS.forEach(([name, description, condition], i) => {
  world.segments.push({ id: id('seg'), name, description, condition, state: 'active', created_at: ago(60 - i * 6), updated_at: ago(12 - i * 2), version: 1, history: [{ at: ago(60 - i * 6), actor: EMAIL, what: 'created', version: 1 }] });
});
[
  { name: '新人券召回邮件', channel: 'email', subject: '{{ person.name }}，20 元新人券替你留着', html: MAIL, text: '注册一周了，还没尝过？满 80 减 20 的新人券替你留着。' },
  { name: '加购提醒邮件', channel: 'email', subject: '购物车里的咖啡还在等你', html: MAIL.replace('给你留了一杯', '购物车还在'), text: '购物车里的咖啡还在等你。' },
  { name: '新人券短信', channel: 'sms', text: '【山野咖啡】{{ person.name }}，满80减20新人券已到账，3天内有效。拒收请回复R', sms_template_code: 'SMS_2047' },
  { name: '企微客服提醒', channel: 'webhook', text: '{"person": "{{ person.user_id }}", "event": "cart_abandoned"}', webhook_url: 'https://hooks.example.com/crm' },
].forEach((one, i) => world.templates.push({ id: id('tpl'), ...one, updated_at: ago(10 - i) }));

const [recall, high, sleeping, cart] = world.segments;
const [couponMail, cartMail, couponSms] = world.templates;
const demoPlan = {
  entry: { segment: recall.id, include_present: true },
  reentry: 'never',
  goal: { event: { name: 'purchase' }, within: '14d', exit: true },
  exit: [],
  start: 'n1',
  nodes: [
    { id: 'n1', type: 'split', arms: [{ key: 'a', name: '发券', weight: 80, control: false, next: 'n2' }, { key: 'control', name: '对照组', weight: 20, control: true, next: null }] },
    { id: 'n2', type: 'send', channel: 'email', template: couponMail.id, purpose: 'marketing', next: 'n3' },
    { id: 'n3', type: 'wait_until', event: { name: 'purchase' }, timeout: '3d', next: 'n6', on_timeout: 'n4' },
    { id: 'n4', type: 'branch', branches: [{ name: '可发短信', condition: { all: [{ consent: { purpose: 'marketing', channel: 'sms' } }] }, next: 'n5' }], otherwise: null },
    { id: 'n5', type: 'send', channel: 'sms', template: couponSms.id, purpose: 'marketing', next: 'n7' },
    { id: 'n6', type: 'exit' },
    { id: 'n7', type: 'wait', for: '7d', next: null },
  ],
};
const cartPlan = {
  entry: { event: { name: 'add_to_cart', where: { property: 'price', gte: 80 } } }, reentry: { after: '7d' }, goal: { event: { name: 'purchase' }, within: '3d', exit: true }, start: 'n1',
  nodes: [
    { id: 'n1', type: 'wait', for: '2h', next: 'n2' },
    { id: 'n2', type: 'send', channel: 'email', template: cartMail.id, purpose: 'marketing', next: null },
  ],
};
const draftPlan = { entry: { segment: sleeping.id, include_present: true }, reentry: 'never', goal: null, start: 'n1', nodes: [{ id: 'n1', type: 'send', channel: 'email', template: '', purpose: 'marketing', next: null }] };
const journey = (name, state, draft, published, days) => ({ id: id('jny'), name, state, version: published ? 2 : 0, draft, published, updated_at: ago(days), history: [{ at: ago(days + 20), actor: EMAIL, what: 'created', version: null }, ...(published ? [{ at: ago(days + 19), actor: EMAIL, what: 'published', version: 1 }, { at: ago(days), actor: EMAIL, what: 'published', version: 2 }] : [])], started: Date.now() - (days + 19) * DAY });
world.journeys.push(journey('注册一周未下单 · 新人券', 'running', structuredClone(demoPlan), demoPlan, 2), journey('加购未支付提醒', 'paused', structuredClone(cartPlan), cartPlan, 5), journey('沉睡用户召回', 'draft', draftPlan, null, 1));
world.journeys[0].draft.nodes.find((node) => node.id === 'n3').timeout = '2d';
const main = world.journeys[0];

// Who walked the main journey, and the messages that came of it.
const REASONS = ['consent_missing', 'cap_reached', 'quiet_hours', 'blacklisted', 'no_address'];
const walkers = world.people.filter((person) => person.name).slice(0, 420).map((person, i) => {
  const entered = Date.now() - rnd() * 19 * DAY;
  const control = i % 5 === 4;
  const bought = rnd() < (control ? 0.09 : 0.165);
  const far = Date.now() - entered;
  const state = control || bought ? (bought ? 'exited' : 'done') : far < 3 * DAY ? 'in' : far < 10 * DAY && rnd() < 0.7 ? 'in' : 'done';
  const node = state !== 'in' ? null : far < 3 * DAY ? 'n3' : 'n7';
  return { person, entered, control, bought, state, node, arm: control ? 'control' : 'a' };
});
const mask = (text) => (text.includes('@') ? text.replace(/^(.).*(@.*)$/, '$1***$2') : text.replace(/^(\d{3})\d+(\d{2})$/, '$1****$2'));
function deliver(person, template, at, journeyId, node) {
  const dice = rnd();
  const state = dice < 0.8 ? 'sent' : dice < 0.93 ? 'suppressed' : dice < 0.955 ? 'failed' : dice < 0.965 ? 'unknown' : dice < 0.985 ? 'deferred' : 'queued';
  const address = person.traits[template.channel === 'sms' ? 'phone' : 'email'] ?? '';
  const opened = state === 'sent' && rnd() < 0.42;
  const iso = (ms) => new Date(ms).toISOString();
  const one = {
    id: id('dlv'), person: person.id, person_name: person.name, to: mask(address), channel: template.channel, template: template.id, template_name: template.name, journey: journeyId, node, state,
    reason: state === 'suppressed' ? pick(REASONS) : state === 'failed' ? 'bounced' : state === 'unknown' ? 'connection_lost' : state === 'deferred' ? 'quiet_hours' : null,
    created_at: iso(at), sent_at: state === 'sent' ? iso(at + 1800) : null, delivered_at: state === 'sent' ? iso(at + 4200) : null, opened_at: opened ? iso(at + int(10, 900) * 6e4) : null, clicked_at: opened && rnd() < 0.35 ? iso(at + int(900, 1200) * 6e4) : null,
  };
  world.deliveries.push(one);
  if (state === 'sent' && template.channel === 'email' && world.sink.length < 60) {
    const made = render(template, person);
    world.sink.push({ id: id('msg'), to: address, from: '山野咖啡 <hello@example.com>', subject: made.subject, at: one.sent_at, html: made.html, text: made.text, headers: { 'Message-ID': `<${one.id}@weft>`, 'List-Unsubscribe': '<https://example.com/u/…>', From: '山野咖啡 <hello@example.com>', To: address } });
  }
}
walkers.forEach((walker) => {
  if (walker.control) return;
  deliver(walker.person, couponMail, walker.entered + 60e3, main.id, 'n2');
  if (walker.node === 'n7' || (walker.state === 'done' && rnd() < 0.6)) deliver(walker.person, couponSms, walker.entered + 3 * DAY, main.id, 'n5');
});
world.deliveries.sort((a, b) => b.created_at.localeCompare(a.created_at));
world.sink.sort((a, b) => b.at.localeCompare(a.at));
world.blacklist.push({ identifier_type: 'email', value: 'complaints@example.com', reason: '客服投诉', created_at: ago(30), actor: EMAIL }, { identifier_type: 'phone', value: '13800000000', reason: '用户要求', created_at: ago(8), actor: EMAIL });
['journeys.publish_journey', 'journeys.save_journey', 'segments.create_segment', 'content.update_template', 'channels.update_settings', 'access.create_key', 'collect.create_source', 'access.login'].forEach((operation, i) => world.audit.push({ at: ago(i * 0.7 + 0.1), actor: 'usr_1', actor_name: EMAIL, operation, target: operation.startsWith('journeys') ? main.id : operation.startsWith('segments') ? recall.id : undefined }));
world.imports.push({ id: id('imp'), kind: 'orders', file: '2026-10 门店订单.csv', state: 'done', rows: 18240, total_rows: 18240, accepted: 18102, rejected: 118, skipped: 20, created_at: ago(14), finished_at: ago(13.99) });

function render(template, person) {
  const sample = { name: person?.name ?? '', city: person?.traits.city ?? '', user_id: person?.identifiers.find((one) => one.type === 'user_id')?.value ?? '', level: person?.traits.level ?? '' };
  const warnings = [];
  const fill = (text, where) =>
    text?.replace(/\{\{\s*([\w.]+)\s*(\|[^}]*)?\}\}/g, (_, path, filter) => {
      if (path === 'unsubscribe_url') return 'https://example.com/u/x';
      const key = path.replace(/^person\./, '');
      if (!path.startsWith('person.') || !(key in { ...sample, ...(person?.traits ?? { email: 1, phone: 1, points: 1 }) })) {
        warnings.push({ code: 'content.variable_unknown', message: path, line: text.slice(0, text.indexOf(path)).split('\n').length, where });
        return '';
      }
      return String(sample[key] || person?.traits[key] || /default:\s*"([^"]*)"/.exec(filter ?? '')?.[1] || '');
    });
  return { subject: fill(template.subject, 'subject') ?? null, html: fill(template.html, 'html') ?? null, text: fill(template.text, 'text') ?? null, warnings };
}

// ---------- life ----------
function live(name) {
  const person = pick(world.people.slice(0, 700));
  const made = name ? event(person, name, Date.now()) : act(person, Date.now());
  person.events.push(made);
  const dice = rnd();
  const outcome = dice < 0.955 ? 'stored' : dice < 0.975 ? 'duplicate' : dice < 0.99 ? 'quarantined' : 'withheld';
  const line = { id: made.id, name: made.name, kind: made.kind, ts: made.ts, received_at: now(), source: made.source, person: person.id, identifiers: person.identifiers.slice(0, 2).map((one) => ({ t: one.type, v: one.value })), properties: made.properties, outcome, reason: { duplicate: 'seen_before', quarantined: 'schema_violation', withheld: 'consent_missing' }[outcome] ?? null };
  world.ring.unshift(line);
  world.ring.length = Math.min(world.ring.length, 1000);
  world.today += 1;
  world.minute[59] += 1;
  for (const stream of world.live) stream.write(`data: ${JSON.stringify(line)}\n\n`);
}
for (let i = 0; i < 60; i += 1) live();
setInterval(() => live(), 700).unref();
setInterval(() => {
  world.minute.shift();
  world.minute.push(0);
}, 60_000).unref();
setInterval(() => {
  for (const one of world.imports) {
    if (one.state !== 'running') continue;
    one.rows = Math.min(one.total_rows, one.rows + Math.ceil(one.total_rows / 12));
    one.accepted = Math.floor(one.rows * 0.985);
    one.rejected = one.rows - one.accepted;
    if (one.rows >= one.total_rows) Object.assign(one, { state: 'done', finished_at: now() });
  }
}, 1000).unref();

// ---------- answering ----------
class Failure extends Error {
  constructor(status, code, detail = code, fields = {}, params = {}) {
    super(code);
    Object.assign(this, { status, code, detail, fields, params });
  }
}
const invalid = (code, fields) => new Failure(422, code, 'see fields', fields);
const missing = () => new Failure(404, 'http.not_found', 'there is no such thing');
const find = (list, wanted) => list.find((one) => one.id === wanted) ?? (() => { throw missing(); })();

function page(items, query, fallback = 50) {
  const from = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? fallback);
  const next = from + limit < items.length ? String(from + limit) : null;
  return { items: items.slice(from, from + limit), next };
}
const matching = (items, query, ...texts) => {
  const q = (query.get('q') ?? '').toLowerCase();
  return q ? items.filter((one) => texts.some((text) => String(text(one) ?? '').toLowerCase().includes(q))) : items;
};
const line = (person) => ({ id: person.id, name: person.name, identifiers: person.identifiers, first_seen: person.events[0]?.ts ?? null, last_seen: person.events.at(-1)?.ts ?? null, traits: person.traits });
const ref = (person) => ({ id: person.id, name: person.name, identifiers: person.identifiers.slice(0, 2) });
const segment = ({ condition, version, history, ...rest }, full) => ({ ...rest, count: count(condition).length, as_of: now(), ...(full ? { condition, version, history } : {}) });
const journeyLine = (one) => ({ id: one.id, name: one.name, state: one.state, version: one.version, people_in: one === main ? walkers.filter((w) => w.state === 'in').length : one.state === 'paused' ? 37 : 0, entered: one === main ? walkers.length : one.state === 'paused' ? 512 : 0, converted: one === main ? walkers.filter((w) => w.bought).length : one.state === 'paused' ? 88 : 0, updated_at: one.updated_at });
const full = ({ started, updated_at, ...one }) => ({ ...one, has_unpublished_changes: JSON.stringify(one.draft) !== JSON.stringify(one.published) });

function planFaults(plan) {
  const found = {};
  for (const node of plan.nodes) {
    if (node.type === 'send' && !node.template) found[`nodes/${node.id}`] = 'a template is missing';
    if (node.type === 'split' && node.arms.reduce((sum, arm) => sum + arm.weight, 0) !== 100) found[`nodes/${node.id}`] = 'the weights must sum to 100';
  }
  if (!plan.nodes.some((node) => node.id === plan.start)) found.start = 'the start is missing';
  return found;
}

function counts(one) {
  const nodes = {};
  const edges = {};
  const put = (node, entered, inside) => (nodes[node] = { entered, in: inside, left: entered - inside });
  if (one !== main) {
    (one.published?.nodes ?? []).forEach((node, i) => put(node.id, 512 - i * 70, one.state === 'paused' && i === 0 ? 37 : 0));
    return { nodes, edges: { 'n1→n2': 442 }, arms: {}, as_of: now() };
  }
  const treated = walkers.filter((w) => !w.control);
  const wait = treated.filter((w) => w.node === 'n3').length;
  const bought = treated.filter((w) => w.bought).length;
  const later = treated.length - wait - bought;
  const sms = Math.round(later * 0.78);
  put('n1', walkers.length, 0);
  put('n2', treated.length, 0);
  put('n3', treated.length, wait);
  put('n4', later, 0);
  put('n5', sms, 0);
  put('n6', bought, 0);
  put('n7', sms, treated.filter((w) => w.node === 'n7').length);
  Object.assign(edges, { 'entry→n1': walkers.length, 'n1→n2': treated.length, 'n2→n3': treated.length, 'n3→n6': bought, 'n3→n4': later, 'n4→n5': sms, 'n5→n7': sms });
  return { nodes, edges, arms: { a: { people: treated.length }, control: { people: walkers.length - treated.length } }, as_of: now() };
}

function way(walker) {
  const at = (ms) => new Date(walker.entered + ms).toISOString();
  const steps = [{ node: 'n1', at: at(0), what: 'split', reason: walker.control ? '对照组' : '发券' }];
  if (!walker.control) {
    steps.push({ node: 'n2', at: at(60e3), what: 'send', reason: 'gate_passed' });
    steps.push({ node: 'n3', at: at(61e3), what: 'wait', reason: null });
    if (walker.bought) steps.push({ node: 'n3', at: at(1.4 * DAY), what: 'event_happened', reason: 'purchase' }, { node: 'n6', at: at(1.4 * DAY), what: 'exit', reason: 'goal_reached' });
    else if (walker.node !== 'n3') steps.push({ node: 'n3', at: at(3 * DAY), what: 'timed_out', reason: null }, { node: 'n4', at: at(3 * DAY), what: 'branch', reason: '可发短信' }, { node: 'n5', at: at(3 * DAY), what: 'send', reason: 'quiet_hours' }, { node: 'n7', at: at(3 * DAY), what: 'wait', reason: null });
  }
  return { version: 2, entered_at: at(0), state: walker.state, exit_reason: walker.state === 'in' ? null : walker.bought ? 'goal_reached' : 'end', steps };
}

function result(one) {
  if (one !== main) return { goal: one.published?.goal ? { event: one.published.goal.event, window: one.published.goal.within } : null, reached: 442, arms: [], comparisons: [], funnel: [] };
  const arm = (key, name, control) => {
    // A month of a larger brand: the walkers are only the newest of them.
    const own = walkers.filter((w) => w.control === control);
    const people = own.length * 18;
    const converted = own.filter((w) => w.bought).length * 18;
    return { key, name, control, people, converted, rate: converted / people, value: (converted * 126.4).toFixed(2), currency: 'CNY' };
  };
  const a = arm('a', '发券', false);
  const c = arm('control', '对照组', true);
  const difference = a.rate - c.rate;
  const se = Math.sqrt((a.rate * (1 - a.rate)) / a.people + (c.rate * (1 - c.rate)) / c.people);
  return {
    goal: { event: one.published.goal.event, window: one.published.goal.within }, reached: Math.round(a.people * 0.94), arms: [a, c],
    comparisons: [{ arm: 'a', difference, ci: [difference - 1.96 * se, difference + 1.96 * se], confidence: 0.95, p_value: Math.min(1, 2 * Math.exp(-0.717 * Math.abs(difference / se) - 0.416 * (difference / se) ** 2)), lift: difference / c.rate, significant: Math.abs(difference / se) > 1.96, note: null }],
    funnel: [{ step: 'entered', label: '进入旅程', people: a.people + c.people }, { step: 'n2', label: '收到邮件', people: Math.round(a.people * 0.94) }, { step: 'opened', label: '打开消息', people: Math.round(a.people * 0.4) }, { step: 'clicked', label: '点击消息', people: Math.round(a.people * 0.19) }, { step: 'goal', label: '达成目标', people: a.converted }],
  };
}

const routes = [];
const on = (method, path, answer, open = false) => routes.push({ method, test: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/:]+)')}$`), answer, open });

on('GET', '/setup', () => ({ needed: world.setup }), true);
on('POST', '/setup', ({ body, enter }) => {
  if (!world.setup) throw new Failure(409, 'setup.done');
  if (body.token !== world.token) throw new Failure(403, 'setup.token_wrong');
  if (/password|123456/i.test(body.password)) throw invalid('access.password_weak', { password: 'too common' });
  Object.assign(world, { setup: false, workspace: { ...world.workspace, name: body.workspace_name, time_zone: body.time_zone }, user: { ...world.user, email: body.email } });
  enter();
  return { user: world.user, workspace: world.workspace };
}, true);
on('POST', '/session', ({ body, enter }) => {
  if (body.password === 'locked') throw new Failure(429, 'access.locked_out');
  if (body.email !== world.user.email || (body.password !== PASSWORD && !fresh)) throw new Failure(401, 'access.login_failed');
  enter();
  return { user: world.user, workspace: world.workspace, permissions: ['*'] };
}, true);
on('GET', '/session', ({ inside }) => {
  if (!inside) throw new Failure(401, 'access.not_signed_in');
  return { user: world.user, workspace: world.workspace, permissions: ['*'] };
}, true);
on('DELETE', '/session', ({ leave }) => (leave(), {}), true);

on('GET', '/home', () => {
  const today = world.deliveries.filter((one) => Date.parse(one.created_at) > Date.now() - DAY);
  const c = result(main).comparisons[0];
  return { people: world.people.length, events_today: world.today, events_per_minute: world.minute, messages: { sent_today: today.filter((one) => one.state === 'sent').length, suppressed_today: today.filter((one) => one.state === 'suppressed').length, unknown: world.deliveries.filter((one) => one.state === 'unknown').length }, journeys: world.journeys.filter((one) => one.state === 'running').map((one) => ({ id: one.id, name: one.name, people_in: journeyLine(one).people_in, lift: c.lift, p_value: c.p_value })) };
});

on('GET', '/sources', ({ query }) => page(world.sources, query));
on('POST', '/sources', ({ body }) => {
  const made = { id: id('src'), ...body, write_key: id('wk'), created_at: now(), last_event_at: null };
  world.sources.push(made);
  audit('collect.create_source', made.id);
  return made;
});
on('DELETE', '/sources/{id}', ({ params }) => ((world.sources = world.sources.filter((one) => one.id !== params.id)), {}));
on('GET', '/keys', ({ query }) => page(world.keys, query));
on('POST', '/keys', ({ body }) => {
  const made = { id: id('key'), ...body, created_at: now(), last_used_at: null };
  world.keys.push(made);
  return { ...made, key: `weft_${id('k')}${id('x')}` };
});
on('DELETE', '/keys/{id}', ({ params }) => ((world.keys = world.keys.filter((one) => one.id !== params.id)), {}));

on('GET', '/events', ({ query }) => ({ items: matching(world.ring, query, (e) => e.id, (e) => JSON.stringify(e.properties)).filter((e) => !query.get('name') || e.name === query.get('name')).slice(0, Number(query.get('limit') ?? 100)) }));
on('GET', '/events/names', () => {
  const found = {};
  for (const person of world.people) for (const e of person.events) (found[e.name] ??= { name: e.name, count: 0, last_at: e.ts }).count += 1;
  return { items: Object.values(found).sort((a, b) => b.count - a.count) };
});
on('GET', '/events/properties', ({ query }) => {
  const found = {};
  for (const person of world.people) {
    for (const e of person.events) {
      if (e.name !== query.get('name')) continue;
      for (const [name, value] of Object.entries(e.properties)) {
        const fact = (found[name] ??= { name, kinds: [typeof value === 'number' ? 'number' : 'text'], examples: [] });
        if (fact.examples.length < 8 && !fact.examples.includes(value)) fact.examples.push(value);
      }
    }
  }
  return { items: Object.values(found) };
});
on('GET', '/outcomes', () => {
  const items = [];
  for (let h = 0; h < 24; h += 1) {
    const hour = new Date(Math.floor(Date.now() / 36e5) * 36e5 - h * 36e5).toISOString();
    for (const source of ['官网商城', 'App', '门店收银']) {
      const base = Math.round(900 + 500 * Math.sin(h / 4) + (h * 37) % 90);
      items.push({ hour, source, outcome: 'stored', reason: null, count: base }, { hour, source, outcome: 'duplicate', reason: 'seen_before', count: Math.round(base * 0.018) }, { hour, source, outcome: 'quarantined', reason: 'schema_violation', count: h % 5 ? 3 : 21 });
      if (source === '官网商城') items.push({ hour, source, outcome: 'withheld', reason: 'consent_missing', count: 11 }, { hour, source, outcome: 'rejected', reason: 'no_identity', count: h % 6 ? 0 : 4 });
    }
  }
  const totals = {};
  for (const one of items) totals[one.outcome] = (totals[one.outcome] ?? 0) + one.count;
  return { items: items.filter((one) => one.count > 0), totals };
});

on('GET', '/people', ({ query }) => {
  const exact = query.get('identifier');
  if (exact) return { items: world.people.filter((person) => person.identifiers.some((one) => `${one.type}:${one.value}` === exact)).map(line) };
  return page(matching(world.people, query, (p) => p.name, (p) => p.identifiers.map((one) => one.value).join(' '), (p) => p.id).map(line).sort((a, b) => (b.last_seen ?? '').localeCompare(a.last_seen ?? '')), query);
});
on('GET', '/people/{id}', ({ params }) => {
  const person = find(world.people, params.id);
  const walker = walkers.find((one) => one.person === person);
  return { ...line(person), traits: Object.fromEntries(Object.entries(person.traits).map(([name, value]) => [name, { value, ts: person.events[0]?.ts ?? now(), source: '官网商城' }])), segments: world.segments.filter((one) => one.state === 'active' && holds(person, one.condition, world)).map(({ id: key, name }) => ({ id: key, name })), journeys: walker ? [{ id: main.id, name: main.name, state: walker.state, node: walker.node }] : [], consents: person.consents, deliveries_count: world.deliveries.filter((one) => one.person === person.id).length };
});
on('GET', '/people/{id}/timeline', ({ params, query }) => {
  const person = find(world.people, params.id);
  const messages = world.deliveries.filter((one) => one.person === person.id && one.sent_at).map((one) => ({ id: `evt_${one.id}`, name: 'message_sent', kind: 'track', ts: one.sent_at, source: 'weft', channel: one.channel, properties: { template: one.template_name, journey: main.name } }));
  const all = [...person.events.map(({ at, ...e }) => e), ...messages].filter((e) => !query.get('name') || e.name === query.get('name')).sort((a, b) => b.ts.localeCompare(a.ts));
  return page(all, query, 40);
});
on('GET', '/people/{id}/identity', ({ params }) => {
  const { identifiers, events } = find(world.people, params.id);
  return { atoms: identifiers.length, links: identifiers.slice(1).map((one) => ({ a: identifiers[0], b: one, evidence: { event_id: events[0]?.id ?? id('evt'), kind: 'identify', identifiers: [identifiers[0], one], at: events[0]?.ts ?? now() } })), refused: identifiers.length > 3 ? [{ a: identifiers[1], b: { type: 'user_id', value: '99120' }, reason: 'user_id_conflict', evidence: { event_id: id('evt'), kind: 'identify', identifiers: [], at: ago(20) } }] : [] };
});
on('POST', '/people/{id}:consent', ({ params, body }) => {
  const person = find(world.people, params.id);
  person.consents = [...person.consents.filter((one) => one.purpose !== body.purpose || one.channel !== body.channel), { ...body, at: now() }];
  person.events.push(event(person, body.granted ? 'consent_given' : 'consent_withdrawn', Date.now(), { channel: body.channel }, 'weft'));
  return {};
});
on('GET', '/traits', () => ({ items: [{ name: 'city', kinds: ['text'], examples: ['上海', '杭州', '北京', '深圳', '成都'] }, { name: 'level', kinds: ['text'], examples: ['普通会员', '银卡', '金卡', '黑卡'] }, { name: 'gender', kinds: ['text'], examples: ['女', '男'] }, { name: 'points', kinds: ['number'], examples: [120, 800, 3600] }, { name: 'is_vip', kinds: ['boolean'], examples: [true, false] }, { name: 'registered_at', kinds: ['time'], examples: [] }, { name: 'email', kinds: ['text'], examples: [] }, { name: 'phone', kinds: ['text'], examples: [] }, { name: 'name', kinds: ['text'], examples: [] }] }));

on('GET', '/segments', ({ query }) => page(matching(world.segments, query, (one) => one.name).map((one) => segment(one)), query));
on('POST', '/segments', ({ body }) => {
  const wrong = faults(body.condition);
  if (Object.keys(wrong).length) throw invalid('segments.condition_invalid', wrong);
  const made = { id: id('seg'), name: body.name, description: body.description ?? null, condition: body.condition, state: 'active', created_at: now(), updated_at: now(), version: 1, history: [{ at: now(), actor: world.user.email, what: 'created', version: 1 }] };
  world.segments.unshift(made);
  audit('segments.create_segment', made.id);
  return segment(made, true);
});
on('POST', '/segments:count', ({ body }) => {
  const wrong = faults(body.condition);
  if (Object.keys(wrong).length) throw invalid('segments.condition_invalid', wrong);
  const found = count(body.condition);
  return { count: found.length, as_of: now(), sample: found.slice(0, 10).map(line), lines: lines(body.condition).map(({ path, node }) => ({ path, count: count(node).length })) };
});
on('POST', '/segments:describe', ({ body }) => ({ text: JSON.stringify(body.condition) }));
on('GET', '/segments/{id}', ({ params }) => segment(find(world.segments, params.id), true));
on('PUT', '/segments/{id}', ({ params, body }) => {
  const one = find(world.segments, params.id);
  const wrong = faults(body.condition);
  if (Object.keys(wrong).length) throw invalid('segments.condition_invalid', wrong);
  Object.assign(one, { name: body.name, description: body.description ?? null, condition: body.condition, version: one.version + 1, updated_at: now() });
  one.history.unshift({ at: now(), actor: world.user.email, what: 'condition_changed', version: one.version });
  return segment(one, true);
});
on('POST', '/segments/{id}:archive', ({ params }) => {
  const one = find(world.segments, params.id);
  one.state = 'archived';
  return segment(one, true);
});
on('GET', '/segments/{id}/members', ({ params, query }) => page(matching(count(find(world.segments, params.id).condition), query, (p) => p.name, (p) => p.identifiers.map((one) => one.value).join(' ')).map((person) => ({ person: ref(person), since: person.events.at(-1)?.ts ?? now() })), query));
on('GET', '/segments/{id}/growth', ({ params }) => {
  const size = count(find(world.segments, params.id).condition).length;
  return { items: Array.from({ length: 30 }, (_, i) => ({ day: ago(29 - i).slice(0, 10), count: Math.round(size * (0.72 + 0.0095 * i) + ((i * 7) % 5)), entered: 3 + ((i * 5) % 9), left: 1 + ((i * 3) % 6) })) };
});
on('POST', '/segments/{id}:explain', ({ params, body }) => {
  const person = find(world.people, body.person);
  const tree = explain(person, find(world.segments, params.id).condition, world);
  return { holds: tree.holds, tree };
});

const templateLine = ({ html, text, ...rest }) => rest;
on('GET', '/templates', ({ query }) => page(matching(world.templates, query, (one) => one.name).map(templateLine), query));
on('POST', '/templates', ({ body }) => {
  const made = { id: id('tpl'), ...body, updated_at: now() };
  world.templates.unshift(made);
  return made;
});
on('POST', '/templates:preview', ({ body }) => {
  if (/\{%\s*if(?![^]*endif)/.test(body.html ?? '')) throw invalid('content.template_invalid', { html: 'line 3: "if" is never closed' });
  return render(body, body.person ? find(world.people, body.person) : world.people[0]);
});
on('GET', '/templates/{id}', ({ params }) => find(world.templates, params.id));
on('PUT', '/templates/{id}', ({ params, body }) => Object.assign(find(world.templates, params.id), body, { updated_at: now() }));
on('DELETE', '/templates/{id}', ({ params }) => ((world.templates = world.templates.filter((one) => one.id !== params.id)), {}));
on('POST', '/templates/{id}:test', ({ params, body }) => {
  const template = find(world.templates, params.id);
  const made = render(template, world.people[0]);
  world.sink.unshift({ id: id('msg'), to: body.to, from: '山野咖啡 <hello@example.com>', subject: made.subject ?? '', at: now(), html: made.html, text: made.text, headers: {} });
  return { outcome: 'sent' };
});

on('GET', '/journeys', ({ query }) => page(matching(world.journeys, query, (one) => one.name).map(journeyLine), query));
on('POST', '/journeys', ({ body }) => {
  const made = { ...journey(body.name, 'draft', body.plan, null, 0), updated_at: now(), history: [{ at: now(), actor: world.user.email, what: 'created', version: null }] };
  world.journeys.unshift(made);
  return full(made);
});
on('GET', '/journeys/{id}', ({ params }) => full(find(world.journeys, params.id)));
on('PUT', '/journeys/{id}', ({ params, body }) => {
  const one = find(world.journeys, params.id);
  Object.assign(one, { name: body.name, draft: body.plan, updated_at: now() });
  return full(one);
});
const turn = (verb, what, change) => on('POST', `/journeys/{id}:${verb}`, ({ params }) => {
  const one = find(world.journeys, params.id);
  change(one);
  one.history.unshift({ at: now(), actor: world.user.email, what, version: one.version || null });
  one.updated_at = now();
  audit(`journeys.${verb}_journey`, one.id);
  return full(one);
});
turn('publish', 'published', (one) => {
  const wrong = planFaults(one.draft);
  if (Object.keys(wrong).length) throw invalid('journeys.plan_invalid', wrong);
  Object.assign(one, { published: structuredClone(one.draft), state: 'running', version: (one.version ?? 0) + 1 });
});
turn('pause', 'paused', (one) => (one.state = 'paused'));
turn('resume', 'resumed', (one) => (one.state = 'running'));
turn('stop', 'stopped', (one) => (one.state = 'stopped'));
on('POST', '/journeys/{id}:duplicate', ({ params }) => {
  const one = find(world.journeys, params.id);
  const made = { ...journey(`${one.name} 副本`, 'draft', structuredClone(one.draft), null, 0), updated_at: now() };
  world.journeys.unshift(made);
  return full(made);
});
on('GET', '/journeys/{id}/counts', ({ params }) => counts(find(world.journeys, params.id)));
on('GET', '/journeys/{id}/people', ({ params, query }) => {
  if (find(world.journeys, params.id) !== main) return { items: [] };
  const own = walkers.filter((w) => (!query.get('state') || w.state === query.get('state')) && (!query.get('node') || w.node === query.get('node')));
  return page(matching(own, query, (w) => w.person.name, (w) => w.person.identifiers.map((one) => one.value).join(' ')).map((w) => ({ person: ref(w.person), version: 2, node: w.node, state: w.state, entered_at: new Date(w.entered).toISOString(), waiting_for: w.node === 'n3' ? { event: 'purchase' } : null, until: w.node ? new Date(w.entered + 10 * DAY).toISOString() : null })), query);
});
on('GET', '/journeys/{id}/people/{person}', ({ params }) => {
  const walker = walkers.find((one) => one.person.id === params.person);
  return { entries: walker && find(world.journeys, params.id) === main ? [way(walker)] : [] };
});
on('GET', '/journeys/{id}/result', ({ params }) => result(find(world.journeys, params.id)));
on('POST', '/journeys/{id}:simulate', ({ params }) => ({ steps: (find(world.journeys, params.id).draft.nodes ?? []).slice(0, 4).map((node) => ({ node: node.id, what: node.type, reason: null })) }));

const wanted = (query) => world.deliveries.filter((one) => ['state', 'channel', 'journey', 'person', 'reason'].every((key) => !query.get(key) || one[key] === query.get(key)) && (!query.get('from') || one.created_at >= query.get('from')) && (!query.get('to') || one.created_at <= query.get('to')));
on('GET', '/deliveries', ({ query }) => page(matching(wanted(query), query, (one) => one.person_name, (one) => one.to, (one) => one.id), query));
on('GET', '/deliveries/summary', ({ query }) => {
  const all = wanted(query);
  const tally = (key) => all.reduce((sum, one) => ({ ...sum, [one[key]]: (sum[one[key]] ?? 0) + 1 }), {});
  const reasons = all.filter((one) => one.reason).reduce((sum, one) => ({ ...sum, [one.reason]: (sum[one.reason] ?? 0) + 1 }), {});
  return { by_state: tally('state'), by_channel: tally('channel'), by_reason: Object.entries(reasons).map(([reason, n]) => ({ reason, count: n })).sort((a, b) => b.count - a.count) };
});
on('GET', '/deliveries/{id}', ({ params }) => {
  const one = find(world.deliveries, params.id);
  const steps = [{ at: one.created_at, what: 'queued', reason: null }];
  if (one.state === 'suppressed') steps.push({ at: one.created_at, what: 'suppressed', reason: one.reason });
  else if (one.sent_at) steps.push({ at: one.created_at, what: 'gate_passed', reason: null }, { at: one.sent_at, what: 'accepted', reason: null });
  if (one.state === 'failed') steps.push({ at: one.created_at, what: 'failed', reason: one.reason });
  if (one.delivered_at) steps.push({ at: one.delivered_at, what: 'delivered', reason: null });
  if (one.opened_at) steps.push({ at: one.opened_at, what: 'opened', reason: null });
  if (one.clicked_at) steps.push({ at: one.clicked_at, what: 'clicked', reason: null });
  const template = world.templates.find((t) => t.id === one.template);
  return { ...one, steps, preview: template ? render(template, find(world.people, one.person)) : null };
});
on('GET', '/settings/sending', () => world.settings);
on('PUT', '/settings/sending', ({ body }) => ((world.settings = body), audit('channels.update_settings'), body));
on('GET', '/blacklist', ({ query }) => page(matching(world.blacklist, query, (one) => one.value), query));
on('POST', '/blacklist', ({ body }) => {
  const made = { ...body, created_at: now(), actor: world.user.email };
  world.blacklist.unshift(made);
  return made;
});
on('DELETE', '/blacklist/{type}/{value}', ({ params }) => ((world.blacklist = world.blacklist.filter((one) => one.identifier_type !== params.type || one.value !== params.value)), {}));
on('GET', '/sink/messages', ({ query }) => page(matching(world.sink, query, (one) => one.to, (one) => one.subject).map(({ html, text, headers, ...one }) => one), query));
on('GET', '/sink/messages/{id}', ({ params }) => find(world.sink, params.id));

on('POST', '/analytics/funnels:run', ({ body }) => {
  const inside = body.segment ? count(find(world.segments, body.segment).condition) : world.people;
  let people = inside.filter((p) => p.events.some((e) => e.name === body.steps[0].name)).map((p) => ({ p, at: p.events.find((e) => e.name === body.steps[0].name).at, first: 0 }));
  people.forEach((one) => (one.first = one.at));
  const steps = [];
  body.steps.forEach((step, i) => {
    if (i > 0) people = people.flatMap((one) => { const e = one.p.events.find((x) => x.name === step.name && x.at > one.at && x.at - one.first <= span(body.within)); return e ? [{ ...one, at: e.at }] : []; });
    steps.push({ name: step.name, people: people.length });
  });
  return { steps: steps.map((one, i) => ({ ...one, rate_from_first: one.people / Math.max(1, steps[0].people), rate_from_previous: i ? one.people / Math.max(1, steps[i - 1].people) : 1 })), median_time_to_convert_ms: 1.31 * DAY, as_of: now() };
});
on('POST', '/analytics/trends:run', ({ body }) => {
  const size = { hour: 36e5, day: DAY, week: 7 * DAY }[body.interval];
  const from = Math.floor(Date.parse(body.from) / size) * size;
  const points = [];
  for (let at = from; at < Date.parse(body.to) && points.length < 500; at += size) {
    const own = world.people.map((p) => p.events.filter((e) => (body.event === '*' || e.name === body.event) && e.at >= at && e.at < at + size).length);
    points.push({ at: new Date(at).toISOString(), value: body.measure === 'people' ? own.filter(Boolean).length : own.reduce((a, b) => a + b, 0) });
  }
  return { points };
});
on('POST', '/query', ({ body }) => {
  if (!/^\s*(select|with)/i.test(body.sql)) throw new Failure(422, 'query.refused');
  if (/broken/i.test(body.sql)) throw new Failure(422, 'query.invalid', 'column "broken" not found in events');
  return { columns: [{ name: 'name', kind: 'text' }, { name: 'times', kind: 'number' }, { name: 'people', kind: 'number' }], rows: [['view_item', 5411, 1102], ['add_to_cart', 1538, 731], ['search', 1290, 655], ['sign_up', 1103, 1103], ['purchase', 1084, 612]], truncated: false };
});

on('GET', '/imports', ({ query }) => page(world.imports, query));
on('POST', '/imports', ({ form }) => {
  const made = { id: id('imp'), kind: form.kind ?? 'orders', file: form.filename ?? '文件.csv', state: 'running', rows: 0, total_rows: 24000, accepted: 0, rejected: 0, skipped: 0, created_at: now(), finished_at: null };
  world.imports.unshift(made);
  return made;
});
on('POST', '/imports:preview', ({ form }) => {
  const all = (form.content ?? '').split(/\r?\n/).filter(Boolean).map((row) => row.split(','));
  const columns = all[0] ?? [];
  const guess = { order_id: /订单号|order/i, user_id: /会员|user/i, time: /时间|time|date/i, item_id: /商品编号|sku/i, item_name: /商品名|item/i, quantity: /数量|quantity/i, price: /单价|price/i, amount: /金额|amount|total/i, status: /状态|status/i };
  return { columns, rows: all.slice(1, 6), suggested: Object.fromEntries(Object.entries(guess).flatMap(([field, test]) => { const column = columns.find((one) => test.test(one)); return column ? [[field, column]] : []; })) };
});
on('GET', '/imports/{id}', ({ params }) => find(world.imports, params.id));
on('POST', '/imports/{id}:cancel', ({ params }) => Object.assign(find(world.imports, params.id), { state: 'cancelled', finished_at: now() }));
on('GET', '/audit', ({ query }) => page(matching(world.audit, query, (one) => one.operation, (one) => one.actor_name), query));
on('GET', '/system', () => ({ version: '0.1.0-mock', position: 1840221, lag: 0, people: world.people.length, events: 1840221, disk_bytes: 734003200, uptime_ms: process.uptime() * 1000 + 3 * DAY, log: {} }));

// ---------- the wire ----------
const CSP = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2' };

function multipart(buffer, type) {
  const mark = /boundary=(.+)$/.exec(type)?.[1];
  const form = {};
  for (const part of buffer.toString('utf8').split(`--${mark}`)) {
    const name = /name="(\w+)"/.exec(part)?.[1];
    if (!name) continue;
    const content = part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '');
    if (name === 'file') Object.assign(form, { filename: /filename="([^"]+)"/.exec(part)?.[1], content });
    else form[name] = content;
  }
  return form;
}

function still(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
  let file = join(DIST, path);
  if (!file.startsWith(DIST) || !existsSync(file) || statSync(file).isDirectory()) file = join(DIST, 'index.html');
  if (!existsSync(file)) {
    response.writeHead(404).end('run npm run build first, or npm run dev');
    return;
  }
  response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'same-origin' });
  createReadStream(file).pipe(response);
}

export function start(port = Number(process.env.PORT ?? 4621), host = '127.0.0.1') {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://x');
    if (!url.pathname.startsWith('/api/v1')) return still(request, response);
    const path = url.pathname.slice('/api/v1'.length);
    const cookie = /weft_session=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    const inside = world.sessions.has(cookie);
    if (path === '/events/live' && inside) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
      response.write(': hello\n\n');
      world.live.add(response);
      request.on('close', () => world.live.delete(response));
      return;
    }
    if (/^\/imports\/[^/]+\/rejected$/.test(path)) {
      response.writeHead(200, { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': 'attachment; filename="rejected.csv"' });
      response.end('\ufeffrow,reason\r\n17,time unreadable\r\n');
      return;
    }
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const headers = { 'Content-Type': 'application/json' };
      try {
        const route = routes.find((one) => one.method === request.method && one.test.test(path));
        if (!route) throw missing();
        if (!route.open && !inside) throw new Failure(401, 'access.not_signed_in');
        if (request.method !== 'GET' && request.headers['x-weft-console'] !== '1') throw new Failure(403, 'access.forged');
        const raw = Buffer.concat(chunks);
        const type = request.headers['content-type'] ?? '';
        const params = Object.fromEntries(Object.entries(route.test.exec(path).groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]));
        const answer = route.answer({
          params, query: url.searchParams, inside,
          body: type.startsWith('application/json') && raw.length ? JSON.parse(raw) : {},
          form: type.startsWith('multipart/') ? multipart(raw, type) : {},
          enter: () => {
            const session = id('s').replace(/\W/g, '');
            world.sessions.add(session);
            headers['Set-Cookie'] = `weft_session=${session}; HttpOnly; SameSite=Lax; Path=/`;
          },
          leave: () => {
            world.sessions.delete(cookie);
            headers['Set-Cookie'] = 'weft_session=; Max-Age=0; Path=/';
          },
        });
        response.writeHead(200, headers).end(JSON.stringify(answer));
      } catch (failure) {
        const known = failure instanceof Failure;
        if (!known) console.error(failure);
        const problem = known ? failure : new Failure(500, 'kernel.internal', String(failure));
        response.writeHead(problem.status, { ...headers, 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ type: 'about:blank', status: problem.status, code: problem.code, title: problem.code, detail: problem.detail, fields: problem.fields, params: problem.params, trace_id: id('trc') }));
      }
    });
  });
  return new Promise((resolve) => server.listen(port, host, () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await start();
  console.log(`mock on http://127.0.0.1:${server.address().port}  ${fresh ? `set-up token ${world.token}` : `sign in as ${EMAIL} / ${PASSWORD}`}`);
}

// node sensors_web.mjs URL KEY: sa-sdk-javascript in Chromium, by each of its ways of sending. Prints one line of JSON: what was sent.
import { browse } from './browser.mjs';

const [url, key] = process.argv.slice(2);
const WAYS = { image: { send_type: 'image' }, ajax: { send_type: 'ajax' }, beacon: { send_type: 'beacon' }, batch: { send_type: 'ajax', batch_send: { send_interval: 300 } } };

const PHONES = { image: '13800138001', ajax: '13800138002', beacon: '13800138003', batch: '13800138004' };

// Each way is a browser of its own to the client: it keeps who is logged in by the name of its cookie.
const page = (name, way) => `<!doctype html><meta charset="utf-8"><title>商品页</title><script src="/sdk.js"></script><script>
  const sensors = window['sensorsDataAnalytic201505'];
  sensors.init({ server_url: ${JSON.stringify(`${url}/sa?project=default&token=${key}`)}, is_track_single_page: false, heatmap: { clickmap: 'not_collect', scroll_notice_map: 'not_collect' },
    sdk_id: '${name}', show_log: false, ...${JSON.stringify(way)} });
  window.done = new Promise((resolve) => {
    sensors.track('ViewProduct', { product_id: 'A1', price: 99.75, tags: ['新品'], way: '${name}' });
    sensors.login('user-sensors-${name}');
    sensors.setProfile({ name: '李雷' });
    sensors.setOnceProfile({ first_way: '${name}' });
    sensors.incrementProfile({ points: 10 });
    sensors.appendProfile({ interests: ['运动'] });
    sensors.bind('$identity_mobile', '${PHONES[name]}');
    sensors.setItem('product', 'A1-${name}', { price: 99.75 });
    sensors.track('Order', { amount: 199.5, way: '${name}' });
    setTimeout(resolve, 1500);
  });
</script>`;

const files = { '/sdk.js': ['text/javascript; charset=utf-8', new URL('./node_modules/sa-sdk-javascript/sensorsdata.min.js', import.meta.url)] };
for (const [name, way] of Object.entries(WAYS)) files[`/${name}`] = ['text/html; charset=utf-8', page(name, way)];
const { answers } = await browse(url, files, Object.keys(WAYS).map((name) => `/${name}`));

const calls = [
  ['track', 'ViewProduct'], ['track_signup', '$SignUp'], ['profile_set', 'profile_set'], ['profile_set_once', 'profile_set_once'],
  ['profile_increment', 'profile_increment'], ['profile_append', 'profile_append'], ['track_id_bind', '$BindID'], ['item_set', 'item_set'], ['track', 'Order'],
];
const sent = Object.keys(WAYS).flatMap((way) => calls.map(([kind, event]) => ({ way, kind, event, user: `user-sensors-${way}` })));
const methods = [...new Set(answers.map((a) => `${a.method} ${a.path}`))].sort();
if (!methods.includes('GET /sa.gif') || !methods.includes('POST /sa.gif')) throw new Error(`sent by ${methods} only`);
console.log(JSON.stringify({ client: 'sa-sdk-javascript', methods, sent }));

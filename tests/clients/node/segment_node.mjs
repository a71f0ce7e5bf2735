// node segment_node.mjs URL KEY: the six calls by @segment/analytics-node. Prints one line of JSON: what was sent.
import { Analytics } from '@segment/analytics-node';

const [url, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ host: url, writeKey, flushAt: 3, maxRetries: 1 });
/** The client wraps what the server said. */
const reason = (error) => String(error.reason ?? error);
const faults = [];
const sent = [];
analytics.on('error', (error) => faults.push(reason(error)));

const note = (kind) => (error, context) => (error ? faults.push(reason(error)) : sent.push({ kind, event: context.event.event ?? kind, id: context.event.messageId }));
const userId = 'user-node';
analytics.identify({ userId, anonymousId: 'anon-node', traits: { email: 'node@example.cn', name: '李雷' } }, note('identify'));
analytics.track({ userId, event: 'Order Completed', properties: { order_id: 'SO-node', revenue: 199.5, currency: 'CNY', text: '促销 "今天"' } }, note('track'));
analytics.page({ anonymousId: 'anon-node', name: 'Pricing', category: 'Docs', properties: { url: 'https://shop.example.cn/p' } }, note('page'));
analytics.screen({ userId, name: '首页' }, note('screen'));
analytics.group({ userId, groupId: 'org-node', traits: { name: '测试公司' } }, note('group'));
analytics.alias({ userId, previousId: 'anon-node' }, note('alias'));
await analytics.closeAndFlush({ timeout: 20_000 });

if (faults.length > 0 || sent.length !== 6) {
  console.error(JSON.stringify({ faults, sent }));
  process.exit(1);
}
console.log(JSON.stringify({ client: '@segment/analytics-node', sent }));

// node segment_web.mjs URL KEY: @segment/analytics-next in Chromium, call by call and in batches. Prints one line of JSON: what was sent.
import { browse } from './browser.mjs';

const [url, writeKey] = process.argv.slice(2);
const server = new URL(url);
const settings = (deliveryStrategy) => ({
  integrations: { 'Segment.io': { apiKey: writeKey, apiHost: `${server.host}/v1`, protocol: server.protocol.slice(0, -1), deliveryStrategy } },
});
const page = (deliveryStrategy) => `<!doctype html><meta charset="utf-8"><title>商品页</title><script src="/sdk.js"></script><script>
  const analytics = AnalyticsNext.AnalyticsBrowser.load({ writeKey: ${JSON.stringify(writeKey)}, cdnSettings: ${JSON.stringify(settings(deliveryStrategy))} });
  window.done = (async () => {
    const delivered = [];
    // A context is handed out when its event has been delivered.
    delivered.push(await analytics.page('Docs', 'Pricing'));
    delivered.push(await analytics.identify('user-web', { email: 'web@example.cn' }));
    delivered.push(await analytics.track('Order Completed', { revenue: 199.5, text: '促销 😀' }));
    delivered.push(await analytics.group('org-web', { name: '测试公司' }));
    return delivered.map(({ event }) => ({ kind: event.type, event: event.event ?? event.type, id: event.messageId }));
  })();
</script>`;

const html = 'text/html; charset=utf-8';
const files = {
  '/sdk.js': ['text/javascript; charset=utf-8', new URL('./node_modules/@segment/analytics-next/dist/umd/index.js', import.meta.url)],
  '/single': [html, page(undefined)],
  '/batch': [html, page({ strategy: 'batching', config: { size: 2, timeout: 200 } })],
};
const { results, answers } = await browse(url, files, ['/single?utm_source=baidu', '/batch']);
const paths = [...new Set(answers.filter((a) => a.method === 'POST').map((a) => a.path))].sort();
if (!paths.includes('/v1/b') || !paths.includes('/v1/t')) throw new Error(`sent to ${paths} only`);
console.log(JSON.stringify({ client: '@segment/analytics-next', paths, sent: results.flat() }));

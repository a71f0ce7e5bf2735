// Copy-and-paste snippets for each way of sending events here.

export type Snippet = 'web' | 'node' | 'python' | 'sensors' | 'curl';
export const SNIPPETS: Snippet[] = ['web', 'node', 'python', 'sensors', 'curl'];

export function snippet(kind: Snippet, origin: string, key: string): string {
  switch (kind) {
    case 'web':
      return `<script src="${origin}/sdk/weft.js" data-write-key="${key}" async></script>
<script>
  window.weft = window.weft || [];
  weft.push(['track', 'view_item', { item_id: 'SKU-1001', price: 98 }]);
  weft.push(['identify', '10001', { name: '李雨桐', email: 'li@example.com' }]);
</script>`;
    case 'node':
      return `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: '${key}', host: '${origin}', path: '/v1/batch' });

analytics.identify({ userId: '10001', traits: { name: '李雨桐', email: 'li@example.com' } });
analytics.track({ userId: '10001', event: 'purchase', properties: { order_id: 'SO1', amount: 196, currency: 'CNY' } });
await analytics.closeAndFlush();`;
    case 'python':
      return `import segment.analytics as analytics

analytics.write_key = '${key}'
analytics.host = '${origin}'

analytics.identify('10001', {'name': '李雨桐', 'email': 'li@example.com'})
analytics.track('10001', 'purchase', {'order_id': 'SO1', 'amount': 196, 'currency': 'CNY'})
analytics.flush()`;
    case 'sensors':
      return `sensors.init({
  server_url: '${origin}/sa?token=${key}',
  is_track_single_page: true,
  send_type: 'ajax'
});
sensors.quick('autoTrack');
sensors.track('view_item', { item_id: 'SKU-1001', price: 98 });
sensors.login('10001');`;
    case 'curl':
      return `curl -u '${key}:' '${origin}/v1/track' \\
  -H 'Content-Type: application/json' \\
  -d '{"userId": "10001", "event": "purchase", "properties": {"order_id": "SO1", "amount": 196, "currency": "CNY"}}'`;
  }
}

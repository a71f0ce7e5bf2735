// Copy-and-paste snippets for each way of sending events here.

export type Snippet = 'web' | 'node' | 'python' | 'sensors' | 'curl';
export const SNIPPETS: Snippet[] = ['web', 'node', 'python', 'sensors', 'curl'];

export function snippet(kind: Snippet, origin: string, key: string): string {
  switch (kind) {
    case 'web':
      return `<script>
(function () {
  function id() { return Date.now().toString(36) + Math.random().toString(36).slice(2); }
  var store = window.localStorage;
  var anonymous = store.weft_id || (store.weft_id = id());
  function send(call) {
    call.anonymousId = anonymous;
    if (store.weft_user) call.userId = store.weft_user;
    call.messageId = id();
    call.timestamp = call.sentAt = new Date().toISOString();
    call.context = { channel: 'web', page: { url: location.href, title: document.title, referrer: document.referrer } };
    fetch('${origin}/v1/batch', { method: 'POST', keepalive: true, headers: { 'Content-Type': 'text/plain' }, body: JSON.stringify({ writeKey: '${key}', batch: [call] }) });
  }
  window.weft = {
    page: function () { send({ type: 'page', properties: { url: location.href, title: document.title } }); },
    track: function (event, properties) { send({ type: 'track', event: event, properties: properties || {} }); },
    identify: function (user, traits) { store.weft_user = user; send({ type: 'identify', traits: traits || {} }); },
    reset: function () { store.removeItem('weft_user'); anonymous = store.weft_id = id(); }
  };
  weft.page();
})();
</script>
<script>
  weft.track('view_item', { item_id: 'SKU-1001', price: 98 });
  weft.identify('10001', { name: '李雨桐', email: 'li@example.com' });
  weft.track('consent_granted', { purpose: 'marketing', channel: 'email' });
</script>`;
    case 'node':
      return `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({ writeKey: '${key}', host: '${origin}', path: '/v1/batch' });

analytics.identify({ userId: '10001', traits: { name: '李雨桐', email: 'li@example.com' } });
analytics.track({ userId: '10001', event: 'purchase', properties: { order_id: 'SO1', value: 196, currency: 'CNY' } });
await analytics.closeAndFlush();`;
    case 'python':
      return `import segment.analytics as analytics

analytics.write_key = '${key}'
analytics.host = '${origin}'

analytics.identify('10001', {'name': '李雨桐', 'email': 'li@example.com'})
analytics.track('10001', 'purchase', {'order_id': 'SO1', 'value': 196, 'currency': 'CNY'})
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
  -d '{"userId": "10001", "event": "purchase", "properties": {"order_id": "SO1", "value": 196, "currency": "CNY"}}'`;
  }
}

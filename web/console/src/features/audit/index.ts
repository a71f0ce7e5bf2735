import type { Feature } from '../../lib/feature'; export default { id: 'audit', routes: [], nav: [] } satisfies Feature as Feature;

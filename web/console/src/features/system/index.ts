import type { Feature } from '../../lib/feature'; export default { id: 'system', routes: [], nav: [] } satisfies Feature as Feature;

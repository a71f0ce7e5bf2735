import type { Feature } from '../../lib/feature'; export default { id: 'connectors', routes: [], nav: [] } satisfies Feature as Feature;

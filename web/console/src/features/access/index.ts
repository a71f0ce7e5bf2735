import type { Feature } from '../../lib/feature'; export default { id: 'access', routes: [], nav: [] } satisfies Feature as Feature;

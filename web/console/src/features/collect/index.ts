import type { Feature } from '../../lib/feature'; export default { id: 'collect', routes: [], nav: [] } satisfies Feature as Feature;

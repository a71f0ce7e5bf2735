// The manifest of what comes in.
import { Activity, PieChart, Plug } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'collect',
  routes: [
    { path: '/live', load: () => import('./pages/live.page') },
    { path: '/sources', load: () => import('./pages/sources.page') },
    { path: '/outcomes', load: () => import('./pages/outcomes.page') },
  ],
  nav: [
    { id: 'live', group: 'data', order: 40, title: ['实时事件', 'Live events'], path: paths.live, icon: Activity, phone: 4, needs: 'events:read' },
    { id: 'sources', group: 'data', order: 41, title: ['数据源', 'Sources'], path: paths.sources, icon: Plug, needs: 'sources:read' },
    { id: 'outcomes', group: 'data', order: 43, title: ['事件去向', 'Outcomes'], path: paths.outcomes, icon: PieChart, needs: 'quality:read' },
  ],
  actions: [{ id: 'source-new', title: ['接入数据源', 'Connect a source'], path: `/sources?new=1`, icon: Plug, keywords: 'sdk write key 埋点', needs: 'sources:write' }],
} satisfies Feature as Feature;

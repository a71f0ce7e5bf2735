// The manifest of the tracking plan and of what breaks it.
import { ClipboardCheck, ShieldAlert } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'quality',
  routes: [
    { path: '/tracking-plan', load: () => import('./pages/tracking-plan.page') },
    { path: '/quarantine', load: () => import('./pages/quarantine.page') },
  ],
  nav: [
    { id: 'tracking-plan', group: 'data', order: 42, title: ['埋点方案', 'Tracking plan'], path: paths.trackingPlan, icon: ClipboardCheck, needs: 'quality:read' },
    { id: 'quarantine', group: 'data', order: 44, title: ['隔离区', 'Quarantine'], path: paths.quarantine, icon: ShieldAlert, needs: 'quality:read' },
  ],
} satisfies Feature as Feature;

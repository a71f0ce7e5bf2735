// The manifest of the system's state.
import { Server } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'system',
  routes: [{ path: '/system', load: () => import('./pages/system.page') }],
  nav: [{ id: 'system', group: 'trust', order: 52, title: ['系统状态', 'System'], path: paths.system, icon: Server, needs: 'system:read' }],
} satisfies Feature as Feature;

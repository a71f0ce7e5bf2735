// The manifest of the audit.
import { ScrollText } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'audit',
  routes: [{ path: '/audit', load: () => import('./pages/audit.page') }],
  nav: [{ id: 'audit', group: 'trust', order: 51, title: ['操作审计', 'Audit'], path: paths.audit, icon: ScrollText, needs: 'audit:read' }],
} satisfies Feature as Feature;

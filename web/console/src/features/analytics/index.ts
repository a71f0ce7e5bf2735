// The manifest of the questions.
import { Database, Filter, LineChart } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'analytics',
  routes: [
    { path: '/analytics/funnel', load: () => import('./pages/funnel.page') },
    { path: '/analytics/trend', load: () => import('./pages/trend.page') },
    { path: '/analytics/sql', load: () => import('./pages/sql.page') },
  ],
  nav: [
    { id: 'funnel', group: 'insight', order: 20, title: ['漏斗', 'Funnel'], path: paths.funnel, icon: Filter, needs: 'analytics:read' },
    { id: 'trend', group: 'insight', order: 21, title: ['趋势', 'Trend'], path: paths.trend, icon: LineChart, needs: 'analytics:read' },
    { id: 'sql', group: 'insight', order: 22, title: ['SQL 查询', 'SQL'], path: paths.sql, icon: Database, needs: 'query:run' },
  ],
} satisfies Feature as Feature;

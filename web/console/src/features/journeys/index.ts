// The manifest of the journeys.
import { Plus, Route } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'journeys',
  routes: [
    { path: '/journeys', load: () => import('./pages/journey-list.page') },
    { path: '/journeys/$id', load: () => import('./pages/journey.page') },
  ],
  nav: [{ id: 'journeys', group: 'engage', order: 30, title: ['旅程', 'Journeys'], path: paths.journeys, icon: Route, phone: 3, needs: 'journeys:read' }],
  actions: [{ id: 'journey-new', title: ['新建旅程', 'New journey'], path: '/journeys?new=1', icon: Plus, keywords: 'journey create', needs: 'journeys:write' }],
} satisfies Feature as Feature;

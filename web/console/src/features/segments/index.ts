// The manifest of the segments.
import { Plus, Users } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'segments',
  routes: [
    { path: '/segments', load: () => import('./pages/segment-list.page') },
    { path: '/segments/new', load: () => import('./pages/segment-new.page') },
    { path: '/segments/$id', load: () => import('./pages/segment.page') },
  ],
  nav: [{ id: 'segments', group: 'people', order: 11, title: ['人群', 'Segments'], path: paths.segments, icon: Users, needs: 'segments:read' }],
  actions: [{ id: 'segment-new', title: ['新建人群', 'New segment'], path: paths.segmentNew, icon: Plus, keywords: 'segment create 圈选', needs: 'segments:write' }],
} satisfies Feature as Feature;

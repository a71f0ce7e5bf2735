// The manifest of the segments.
import { ChartColumnStacked, Plus, Users } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'segments',
  routes: [
    { path: '/segments', load: () => import('./pages/segment-list.page') },
    { path: '/segments/new', load: () => import('./pages/segment-new.page') },
    { path: '/segments/overlap', load: () => import('./pages/overlap.page') },
    { path: '/segments/$id', load: () => import('./pages/segment.page') },
  ],
  nav: [{ id: 'segments', group: 'people', order: 11, title: ['人群', 'Segments'], path: paths.segments, icon: Users, needs: 'segments:read' }],
  actions: [
    { id: 'segment-new', title: ['新建人群', 'New segment'], path: paths.segmentNew, icon: Plus, keywords: 'segment create list 圈选 名单', needs: 'segments:write' },
    { id: 'segment-overlap', title: ['人群重叠分析', 'Overlap of segments'], path: paths.segmentOverlap, icon: ChartColumnStacked, keywords: 'overlap venn upset intersection 交集 并集 差集', needs: 'segments:read' },
  ],
} satisfies Feature as Feature;

// The manifest of the tags.
import { Tag } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'tags',
  routes: [
    { path: '/tags', load: () => import('./pages/tag-list.page') },
    { path: '/tags/$id', load: () => import('./pages/tag.page') },
  ],
  nav: [{ id: 'tags', group: 'people', order: 12, title: ['标签', 'Tags'], path: paths.tags, icon: Tag, needs: 'tags:read' }],
} satisfies Feature as Feature;

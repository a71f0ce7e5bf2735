// The manifest of the catalogue: things that are not people, and tags on them.
import { Boxes } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'catalog',
  routes: [
    { path: '/catalog', load: () => import('./pages/thing-list.page') },
    { path: '/catalog/tags', load: () => import('./pages/thing-tag-list.page') },
    { path: '/catalog/tags/$id', load: () => import('./pages/thing-tag.page') },
    { path: '/catalog/$type/$id', load: () => import('./pages/thing.page') },
  ],
  nav: [{ id: 'catalog', group: 'data', order: 41, title: ['商品与实体', 'Catalogue'], path: paths.catalog, icon: Boxes, needs: 'catalog:read' }],
} satisfies Feature as Feature;

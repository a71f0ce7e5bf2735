// The manifest of the people.
import { User } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'profiles',
  routes: [
    { path: '/people', load: () => import('./pages/person-list.page') },
    { path: '/people/$id', load: () => import('./pages/person.page') },
  ],
  nav: [{ id: 'people', group: 'people', order: 10, title: ['用户档案', 'People'], path: paths.people, icon: User, phone: 2, needs: 'people:read' }],
} satisfies Feature as Feature;

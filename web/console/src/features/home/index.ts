// The manifest of the home room.
import { House } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'home',
  routes: [{ path: '/', load: () => import('./pages/home.page') }],
  nav: [{ id: 'home', group: 'home', order: 0, title: ['首页', 'Home'], path: paths.home, icon: House, phone: 1 }],
} satisfies Feature as Feature;

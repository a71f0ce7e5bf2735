// The manifest of the keys.
import { KeyRound } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'access',
  routes: [{ path: '/keys', load: () => import('./pages/keys.page') }],
  nav: [{ id: 'keys', group: 'trust', order: 50, title: ['接口密钥', 'API keys'], path: paths.keys, icon: KeyRound }],
} satisfies Feature as Feature;

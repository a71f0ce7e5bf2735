// The manifest of who may come in: members, API keys, the workspace and one's own password.
import { KeyRound, Settings, UsersRound } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'access',
  routes: [
    { path: '/members', load: () => import('./pages/members.page') },
    { path: '/keys', load: () => import('./pages/keys.page') },
    { path: '/settings', load: () => import('./pages/settings.page') },
  ],
  nav: [
    { id: 'members', group: 'trust', order: 49, title: ['成员', 'Members'], path: paths.members, icon: UsersRound, needs: 'members:read' },
    { id: 'keys', group: 'trust', order: 50, title: ['接口密钥', 'API keys'], path: paths.keys, icon: KeyRound, needs: 'keys:read' },
    { id: 'settings', group: 'trust', order: 53, title: ['设置', 'Settings'], path: paths.settings, icon: Settings },
  ],
} satisfies Feature as Feature;

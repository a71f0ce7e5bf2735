// The manifest of the ledger and of what holds messages back.
import { Ban, Inbox, ListChecks, ShieldHalf } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'channels',
  routes: [
    { path: '/ledger', load: () => import('./pages/ledger.page') },
    { path: '/ledger/$id', load: () => import('./pages/delivery.page') },
    { path: '/sending', load: () => import('./pages/sending.page') },
    { path: '/blacklist', load: () => import('./pages/blacklist.page') },
    { path: '/inbox', load: () => import('./pages/inbox.page') },
  ],
  nav: [
    { id: 'ledger', group: 'engage', order: 32, title: ['触达台账', 'Ledger'], path: paths.ledger, icon: ListChecks, needs: 'channels:read' },
    { id: 'sending', group: 'engage', order: 33, title: ['防打扰与渠道', 'Sending'], path: paths.sending, icon: ShieldHalf, needs: 'channels:read' },
    { id: 'blacklist', group: 'engage', order: 34, title: ['黑名单', 'Blacklist'], path: paths.blacklist, icon: Ban, needs: 'privacy:read' },
    { id: 'inbox', group: 'engage', order: 35, title: ['演示信箱', 'Demo inbox'], path: paths.inbox, icon: Inbox, when: 'demo' },
  ],
} satisfies Feature as Feature;

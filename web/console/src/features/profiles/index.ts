// The manifest of the people.
import { CopyCheck, Fingerprint, ListOrdered, User } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'profiles',
  routes: [
    { path: '/people', load: () => import('./pages/person-list.page') },
    { path: '/people/$id', load: () => import('./pages/person.page') },
    { path: '/duplicates', load: () => import('./pages/duplicates.page') },
    { path: '/identity-rules', load: () => import('./pages/identity-rules.page') },
    { path: '/trait-rules', load: () => import('./pages/trait-rules.page') },
  ],
  nav: [
    { id: 'people', group: 'people', order: 10, title: ['用户档案', 'People'], path: paths.people, icon: User, phone: 2, needs: 'people:read' },
    { id: 'duplicates', group: 'people', order: 13, title: ['疑似重复', 'Duplicates'], path: paths.duplicates, icon: CopyCheck, needs: 'people:read' },
    { id: 'identity-rules', group: 'data', order: 44, title: ['身份规则', 'Identity rules'], path: paths.identityRules, icon: Fingerprint, needs: 'people:read' },
    { id: 'trait-rules', group: 'data', order: 44, title: ['属性规则', 'Trait rules'], path: paths.traitRules, icon: ListOrdered, needs: 'people:read' },
  ],
} satisfies Feature as Feature;

// The manifest of the templates.
import { FileText, Plus } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'content',
  routes: [
    { path: '/templates', load: () => import('./pages/template-list.page') },
    { path: '/templates/new', load: () => import('./pages/template.page') },
    { path: '/templates/$id', load: () => import('./pages/template.page') },
  ],
  nav: [{ id: 'templates', group: 'engage', order: 31, title: ['消息模板', 'Templates'], path: paths.templates, icon: FileText, needs: 'content:read' }],
  actions: [{ id: 'template-new', title: ['新建模板', 'New template'], path: paths.templateNew, icon: Plus, keywords: 'template mail sms', needs: 'content:write' }],
} satisfies Feature as Feature;

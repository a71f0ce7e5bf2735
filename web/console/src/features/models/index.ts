// The manifest of the models.
import { BrainCircuit, Plus } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'models',
  routes: [
    { path: '/models', load: () => import('./pages/model-list.page') },
    { path: '/models/new', load: () => import('./pages/model-new.page') },
    { path: '/models/$id', load: () => import('./pages/model.page') },
  ],
  nav: [{ id: 'models', group: 'people', order: 12.5, title: ['模型', 'Models'], path: paths.models, icon: BrainCircuit, needs: 'models:read' }],
  actions: [{ id: 'model-new', title: ['新建模型', 'New model'], path: paths.modelNew, icon: Plus, keywords: 'model cluster rfm look-alike 聚类 分群 决策树 相似 预测', needs: 'models:write' }],
} satisfies Feature as Feature;

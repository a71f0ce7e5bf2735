// The manifest of imports.
import { Upload } from 'lucide-react';
import type { Feature } from '../../lib/feature';
import { paths } from '../../lib/paths';

export default {
  id: 'connectors',
  routes: [
    { path: '/imports', load: () => import('./pages/imports.page') },
    { path: '/imports/new', load: () => import('./pages/import-new.page') },
  ],
  nav: [{ id: 'imports', group: 'data', order: 45, title: ['导入', 'Imports'], path: paths.imports, icon: Upload, needs: 'imports:read' }],
  actions: [{ id: 'import-new', title: ['导入文件', 'Import a file'], path: paths.importNew, icon: Upload, keywords: 'csv xlsx excel upload', needs: 'imports:write' }],
} satisfies Feature as Feature;

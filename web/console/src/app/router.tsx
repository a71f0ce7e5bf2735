// The routes of all features under one shell, each loaded when it is first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { useWords } from '../lib/i18n';
import { paths } from '../lib/paths';
import { Button } from '../ui/button';
import { ProblemView, Skeleton } from '../ui/feedback';
import { Go } from '../ui/go';
import { Page } from '../ui/page';
import { features } from './features';
import { Shell } from './shell';
import { app } from './words';

function Lost() {
  const w = useWords(app);
  return (
    <Page title={w('lost_title')} sub={w('lost_text')}>
      <Go to={paths.home}>{w('lost_home')}</Go>
    </Page>
  );
}

function Broke({ error }: { error: unknown }) {
  const w = useWords(app);
  return (
    <div className="page stack">
      <h1>{w('broke')}</h1>
      <ProblemView error={error} />
      <div>
        <Button onClick={() => location.reload()}>{w('reload')}</Button>
      </div>
    </div>
  );
}

const root = createRootRoute({ component: Shell, notFoundComponent: Lost });
const routes = features.flatMap((feature) =>
  feature.routes.map(({ path, load }) => createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) })),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  defaultPendingComponent: () => (
    <div className="page">
      <Skeleton lines={8} />
    </div>
  ),
  defaultErrorComponent: Broke,
  defaultNotFoundComponent: Lost,
  scrollRestoration: true,
  // Plain texts in the address: ?q=abc, never quoted JSON.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const pairs = Object.entries(search).filter(([, value]) => value !== undefined && value !== '') as [string, string][];
    const text = new URLSearchParams(pairs.map(([key, value]) => [key, String(value)])).toString();
    return text ? `?${text}` : '';
  },
});

import { type RouteComponent, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { pageLoad } from './lib/page-load.ts';
import { searchOf } from './lib/search-of.ts';
import { org } from './route-base.ts';
import { MemberErrorPage } from './routes/error.tsx';

const container = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/containers/$name',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/container.tsx')),
    'ContainerLayout',
  ),
});

function containerPage<const Path extends string>(path: Path, component: RouteComponent) {
  return createRoute({
    getParentRoute: () => container,
    errorComponent: MemberErrorPage,
    path,
    component,
  });
}
const containerOverview = containerPage(
  '/',
  lazyRouteComponent(
    pageLoad(() => import('./routes/container-overview.tsx')),
    'ContainerOverviewPage',
  ),
);
const containerLogs = createRoute({
  getParentRoute: () => container,
  errorComponent: MemberErrorPage,
  path: '/logs',
  validateSearch: searchOf<'q' | 'stream' | 'wrap' | 'times'>('q', 'stream', 'wrap', 'times'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/container-logs.tsx')),
    'ContainerLogsPage',
  ),
});
const containerEnv = containerPage(
  '/env',
  lazyRouteComponent(
    pageLoad(() => import('./routes/container-env.tsx')),
    'ContainerEnvPage',
  ),
);
const containerVolumes = containerPage(
  '/volumes',
  lazyRouteComponent(
    pageLoad(() => import('./routes/container-volumes.tsx')),
    'ContainerVolumesPage',
  ),
);
const containerEvents = containerPage(
  '/events',
  lazyRouteComponent(
    pageLoad(() => import('./routes/container-events.tsx')),
    'ContainerEventsPage',
  ),
);
const containerSettings = containerPage(
  '/settings',
  lazyRouteComponent(
    pageLoad(() => import('./routes/container-settings.tsx')),
    'ContainerSettingsPage',
  ),
);

/** The pages of one container. */
export const containerTree = container.addChildren([
  containerOverview,
  containerLogs,
  containerEnv,
  containerVolumes,
  containerEvents,
  containerSettings,
]);

import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute } from '@tanstack/react-router';
import { OrgLayout } from './components/orgs/org-layout.tsx';
import { MemberShell } from './components/shell/member-shell.tsx';
import { FramePending } from './components/shell/page-pending.tsx';
import { ErrorPage } from './routes/error.tsx';
import { NotFoundPage } from './routes/not-found.tsx';
import { Root } from './routes/root.tsx';

interface Context {
  queries: QueryClient;
}

export const root = createRootRouteWithContext<Context>()({
  component: Root,
  // Drawn at once: the frame of the page, before its code has arrived.
  pendingComponent: FramePending,
  pendingMs: 0,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

/** Pages for anyone. */
export const open = createRoute({ getParentRoute: () => root, id: 'open' });

/** Pages for signed-in people. */
export const member = createRoute({
  getParentRoute: () => root,
  id: 'member',
  component: MemberShell,
});

/** The pages of an org. */
export const org = createRoute({
  getParentRoute: () => member,
  path: '/orgs/$slug',
  component: OrgLayout,
});

import { QueryClient } from '@tanstack/react-query';
import {
  type RouteComponent,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { containerTree } from './container-routes.ts';
import { isRetryable } from './api/problem.ts';
import { accountQuery } from './api/queries.ts';
import { PagePending } from './components/shell/page-pending.tsx';
import { pageLoad } from './lib/page-load.ts';
import { returnPathOf } from './lib/return-path.ts';
import { searchOf } from './lib/search-of.ts';
import { member, open, org, root } from './route-base.ts';
import { MemberErrorPage } from './routes/error.tsx';

const signIn = createRoute({
  getParentRoute: () => open,
  path: '/sign-in',
  validateSearch: searchOf<'next' | 'reason'>('next', 'reason'),
  async beforeLoad({ context, search }) {
    const account = await context.queries.ensureQueryData(accountQuery);
    if (account === null) return;
    const path = returnPathOf(search.next, globalThis.location.origin);
    throw redirect({ href: path, reloadDocument: path.startsWith('/api/') });
  },
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/sign-in.tsx')),
    'SignInPage',
  ),
});
const signUp = createRoute({
  getParentRoute: () => open,
  path: '/sign-up',
  validateSearch: searchOf<'invite'>('invite'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/sign-up.tsx')),
    'SignUpPage',
  ),
});
const verifyEmail = createRoute({
  getParentRoute: () => open,
  path: '/verify-email',
  validateSearch: searchOf<'token'>('token'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/verify-email.tsx')),
    'VerifyEmailPage',
  ),
});
const forgotPassword = createRoute({
  getParentRoute: () => open,
  path: '/forgot-password',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/forgot-password.tsx')),
    'ForgotPasswordPage',
  ),
});
const resetPassword = createRoute({
  getParentRoute: () => open,
  path: '/reset-password',
  validateSearch: searchOf<'token'>('token'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/reset-password.tsx')),
    'ResetPasswordPage',
  ),
});
const confirmEmail = createRoute({
  getParentRoute: () => open,
  path: '/confirm-email',
  validateSearch: searchOf<'token'>('token'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/confirm-email.tsx')),
    'ConfirmEmailPage',
  ),
});

const invitationAccept = createRoute({
  getParentRoute: () => open,
  path: '/invitations/accept',
  validateSearch: searchOf<'token'>('token'),
  beforeLoad: ({ context }) => context.queries.ensureQueryData(accountQuery).then(() => undefined),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/invitation-accept.tsx')),
    'InvitationAcceptPage',
  ),
});

const home = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/home.tsx')),
    'HomePage',
  ),
});
const orgs = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/orgs',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/orgs.tsx')),
    'OrgsPage',
  ),
});

const orgNew = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/new-org',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/org-new.tsx')),
    'OrgNewPage',
  ),
});

const orgOverview = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/org.tsx')),
    'OrgPage',
  ),
});
const orgMembers = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/members',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/org-members.tsx')),
    'OrgMembersPage',
  ),
});

const orgAudit = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/audit',
  validateSearch: searchOf<'actor' | 'action' | 'since' | 'until'>(
    'actor',
    'action',
    'since',
    'until',
  ),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/org-audit.tsx')),
    'OrgAuditPage',
  ),
});
const orgSettings = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/settings',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/org-settings.tsx')),
    'OrgSettingsPage',
  ),
});
function orgPage<const Path extends string>(path: Path, component: RouteComponent) {
  return createRoute({
    getParentRoute: () => org,
    errorComponent: MemberErrorPage,
    path,
    component,
  });
}
const containers = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/containers',
  validateSearch: searchOf<'q' | 'status'>('q', 'status'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/containers.tsx')),
    'ContainersPage',
  ),
});
/** Beside the containers, not below them: a container may have any name. */
const containerNew = createRoute({
  getParentRoute: () => org,
  errorComponent: MemberErrorPage,
  path: '/new-container',
  validateSearch: searchOf<'image'>('image'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/container-new.tsx')),
    'ContainerNewPage',
  ),
});
const volumes = orgPage(
  '/volumes',
  lazyRouteComponent(
    pageLoad(() => import('./routes/volumes.tsx')),
    'VolumesPage',
  ),
);
const volume = orgPage(
  '/volumes/$name',
  lazyRouteComponent(
    pageLoad(() => import('./routes/volume.tsx')),
    'VolumePage',
  ),
);
const orgRegistries = orgPage(
  '/registries',
  lazyRouteComponent(
    pageLoad(() => import('./routes/org-registries.tsx')),
    'OrgRegistriesPage',
  ),
);
const orgKubectl = orgPage(
  '/kubectl',
  lazyRouteComponent(
    pageLoad(() => import('./routes/org-kubectl.tsx')),
    'OrgKubectlPage',
  ),
);
const orgUsage = orgPage(
  '/usage',
  lazyRouteComponent(
    pageLoad(() => import('./routes/org-usage.tsx')),
    'OrgUsagePage',
  ),
);

const accountSettings = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/settings/account',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/settings-account.tsx')),
    'AccountPage',
  ),
});
const securitySettings = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/settings/security',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/settings-security.tsx')),
    'SecurityPage',
  ),
});
const tokenSettings = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/settings/api-tokens',
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/settings-tokens.tsx')),
    'TokensPage',
  ),
});

const clientLogin = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/client-login',
  validateSearch: searchOf(
    'client',
    'redirect_uri',
    'state',
    'code_challenge',
    'code_challenge_method',
    'scope',
    'org',
  ),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/client-login.tsx')),
    'ClientLoginPage',
  ),
});
const device = createRoute({
  getParentRoute: () => member,
  errorComponent: MemberErrorPage,
  path: '/device',
  validateSearch: searchOf<'code'>('code'),
  component: lazyRouteComponent(
    pageLoad(() => import('./routes/device.tsx')),
    'DevicePage',
  ),
});

/** Links that lead elsewhere. */
const oldLinks = [
  redirectCreate('/settings', '/settings/account'),
  redirectCreate('/accounts/login', '/sign-in'),
  redirectCreate('/accounts/signup', '/sign-up'),
  createRoute({
    getParentRoute: () => root,
    path: '/orgs/$slug/people',
    beforeLoad({ params }) {
      throw redirect({ to: '/orgs/$slug/members', params, replace: true });
    },
  }),
];

function redirectCreate(path: string, to: '/settings/account' | '/sign-in' | '/sign-up') {
  return createRoute({
    getParentRoute: () => root,
    path,
    beforeLoad() {
      throw redirect({ to, replace: true });
    },
  });
}

const routeTree = root.addChildren([
  open.addChildren([
    signIn,
    signUp,
    verifyEmail,
    forgotPassword,
    resetPassword,
    confirmEmail,
    invitationAccept,
  ]),
  member.addChildren([
    home,
    orgs,
    orgNew,
    org.addChildren([
      orgOverview,
      containers,
      containerNew,
      containerTree,
      volumes,
      volume,
      orgMembers,
      orgRegistries,
      orgKubectl,
      orgUsage,
      orgAudit,
      orgSettings,
    ]),
    accountSettings,
    securitySettings,
    tokenSettings,
    clientLogin,
    device,
  ]),
  ...oldLinks,
]);

export const queries = new QueryClient({
  defaultOptions: {
    // Also when the browser is offline: the server may run on the same machine.
    queries: {
      networkMode: 'always',
      staleTime: 5000,
      retry: (count, error) => count < 2 && isRetryable(error),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** All pages, registered explicitly. */
export const router = createRouter({
  routeTree,
  context: { queries },
  defaultPreload: 'intent',
  defaultPendingComponent: PagePending,
  defaultPendingMs: 150,
  defaultPendingMinMs: 0,
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  trailingSlash: 'preserve',
  // Parameters stay strings. The router's default would parse a token that looks like a number.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch(search) {
    const text = new URLSearchParams(search as Record<string, string>).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

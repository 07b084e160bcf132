import { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { isRetryable } from './api/problem.ts';
import { accountQuery } from './api/queries.ts';
import { Shell } from './components/shell/shell.tsx';
import { returnPathOf } from './lib/return-path.ts';
import { ErrorPage } from './routes/error.tsx';
import { NotFoundPage } from './routes/not-found.tsx';
import { Root } from './routes/root.tsx';

interface Context {
  queries: QueryClient;
}

/** The text of the search parameters that a page knows; others are dropped. */
function searchOf<Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): Partial<Record<Name, string>> => {
    const found: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const value = search[name];
      if (typeof value === 'string' && value !== '') found[name] = value;
    }
    return found;
  };
}

const root = createRootRouteWithContext<Context>()({
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: ErrorPage,
});

/** Pages for anyone. */
const open = createRoute({ getParentRoute: () => root, id: 'open' });

/** Pages for those who are signed in; others are led to the sign-in and back. */
const member = createRoute({
  getParentRoute: () => root,
  id: 'member',
  component: Shell,
  async beforeLoad({ context, location }) {
    const account = await context.queries.ensureQueryData(accountQuery);
    if (account !== null) return;
    const search = location.href === '/' ? {} : { next: location.href };
    throw redirect({ to: '/sign-in', search });
  },
});

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
  component: lazyRouteComponent(() => import('./routes/sign-in.tsx'), 'SignInPage'),
});
const signUp = createRoute({
  getParentRoute: () => open,
  path: '/sign-up',
  validateSearch: searchOf<'invite'>('invite'),
  component: lazyRouteComponent(() => import('./routes/sign-up.tsx'), 'SignUpPage'),
});
const verifyEmail = createRoute({
  getParentRoute: () => open,
  path: '/verify-email',
  validateSearch: searchOf<'token'>('token'),
  component: lazyRouteComponent(() => import('./routes/verify-email.tsx'), 'VerifyEmailPage'),
});
const forgotPassword = createRoute({
  getParentRoute: () => open,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./routes/forgot-password.tsx'), 'ForgotPasswordPage'),
});
const resetPassword = createRoute({
  getParentRoute: () => open,
  path: '/reset-password',
  validateSearch: searchOf<'token'>('token'),
  component: lazyRouteComponent(() => import('./routes/reset-password.tsx'), 'ResetPasswordPage'),
});
const confirmEmail = createRoute({
  getParentRoute: () => open,
  path: '/confirm-email',
  validateSearch: searchOf<'token'>('token'),
  component: lazyRouteComponent(() => import('./routes/confirm-email.tsx'), 'ConfirmEmailPage'),
});

const home = createRoute({
  getParentRoute: () => member,
  path: '/',
  component: lazyRouteComponent(() => import('./routes/home.tsx'), 'HomePage'),
});
const org = createRoute({
  getParentRoute: () => member,
  path: '/orgs/$slug',
  component: lazyRouteComponent(() => import('./routes/org.tsx'), 'OrgPage'),
});
const accountSettings = createRoute({
  getParentRoute: () => member,
  path: '/settings/account',
  component: lazyRouteComponent(() => import('./routes/settings-account.tsx'), 'AccountPage'),
});
const securitySettings = createRoute({
  getParentRoute: () => member,
  path: '/settings/security',
  component: lazyRouteComponent(() => import('./routes/settings-security.tsx'), 'SecurityPage'),
});
const tokenSettings = createRoute({
  getParentRoute: () => member,
  path: '/settings/api-tokens',
  component: lazyRouteComponent(() => import('./routes/settings-tokens.tsx'), 'TokensPage'),
});

const routeTree = root.addChildren([
  open.addChildren([signIn, signUp, verifyEmail, forgotPassword, resetPassword, confirmEmail]),
  member.addChildren([home, org, accountSettings, securitySettings, tokenSettings]),
]);

export const queries = new QueryClient({
  defaultOptions: {
    // Even where the browser says that it is offline: the server may be on this very machine.
    queries: {
      networkMode: 'always',
      staleTime: 5000,
      retry: (count, error) => count < 2 && isRetryable(error),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

/** Every page, by hand, in view. */
export const router = createRouter({
  routeTree,
  context: { queries },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  trailingSlash: 'preserve',
  // Texts as they are: the router's own way would make a number of a token that looks like one.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch(search) {
    const text = new URLSearchParams(search as Record<string, string>).toString();
    return text === '' ? '' : `?${text}`;
  },
});

/** Goes where the sign-in was asked for. */
export async function goBackTo(wanted: string | undefined): Promise<void> {
  const path = returnPathOf(wanted, globalThis.location.origin);
  // What the server shows itself: the API's documents.
  if (path.startsWith('/api/')) globalThis.location.assign(path);
  else router.history.push(path);
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

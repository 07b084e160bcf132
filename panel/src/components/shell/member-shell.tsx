import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { problemOf } from '../../api/problem.ts';
import { accountQuery } from '../../api/queries.ts';
import { Failure } from '../ui/states.tsx';
import { Page, PageLoading } from './page.tsx';
import { Shell } from './shell.tsx';

/**
 * Pages for signed-in people, inside the frame of the panel, which is drawn before the server has said who is signed in.
 * Others are sent to the sign-in page, and back afterwards.
 */
export function MemberShell() {
  const account = useQuery(accountQuery);
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (account.data != null && !wasSignedIn) setWasSignedIn(true);
  if (account.data === null) {
    // Signing out, and the end of a session, lead to pages of their own.
    if (wasSignedIn) return null;
    return <SignInRedirect />;
  }
  if (account.data !== undefined) {
    return (
      <Shell>
        <Outlet />
      </Shell>
    );
  }
  return (
    <Shell>
      {account.error === null ? (
        <PageLoading />
      ) : (
        <Page title="Something went wrong">
          <Failure
            message={problemOf(account.error).message}
            onRetry={() => void account.refetch()}
          />
        </Page>
      )}
    </Shell>
  );
}

/** Leads to the sign-in page once: the location is its own soon after. */
function SignInRedirect() {
  const router = useRouter();
  useEffect(() => {
    const { href, pathname } = router.state.location;
    if (pathname.startsWith('/sign-in')) return;
    const search = href === '/' ? {} : { next: href };
    void router.navigate({ to: '/sign-in', search, replace: true });
  }, [router]);
  return null;
}

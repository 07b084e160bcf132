import { useRouterState } from '@tanstack/react-router';
import { BareFrame } from './bare-page.tsx';
import { PageLoading } from './page.tsx';
import { Shell } from './shell.tsx';

/** Pages for people who need not be signed in: they have no sidebar. */
const BARE_PATH =
  /^\/(sign-in|sign-up|verify-email|forgot-password|reset-password|confirm-email|invitations)(\/|$)/;

function useIsBare(): boolean {
  return useRouterState({ select: ({ location }) => BARE_PATH.test(location.pathname) });
}

/** In the place of everything, until the code of the first page has arrived. */
export function FramePending() {
  const isBare = useIsBare();
  if (isBare) return <BareFrame />;
  return (
    <Shell>
      <PageLoading />
    </Shell>
  );
}

/** In the place of a page whose code has not arrived. */
export function PagePending() {
  const isBare = useIsBare();
  return isBare ? <BareFrame /> : <PageLoading />;
}

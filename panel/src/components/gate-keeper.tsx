import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { gateSet } from '../api/client.ts';
import { keys } from '../api/queries.ts';
import { IdentityDialog } from './identity-dialog.tsx';

/** Handles what requests need from the page: asks for a proof of identity, and goes to the sign-in page when the session ends. */
export function GateKeeper() {
  const router = useRouter();
  const queries = useQueryClient();
  const [isAsking, setIsAsking] = useState(false);
  const waiting = useRef<((isProven: boolean) => void)[]>([]);
  const end = useCallback((isProven: boolean) => {
    setIsAsking(false);
    for (const resolve of waiting.current.splice(0)) resolve(isProven);
  }, []);
  useEffect(() => {
    gateSet({
      proveIdentity() {
        setIsAsking(true);
        return new Promise((resolve) => waiting.current.push(resolve));
      },
      sessionEnded() {
        const wasSignedIn = queries.getQueryData(keys.account) != null;
        queries.setQueryData(keys.account, null);
        end(false);
        if (!wasSignedIn) return;
        const { href } = router.state.location;
        void router.navigate({ to: '/sign-in', search: { next: href, reason: 'ended' } });
      },
    });
  }, [router, queries, end]);
  return <IdentityDialog isOpen={isAsking} onEnd={end} />;
}

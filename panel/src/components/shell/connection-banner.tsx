import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { connectionWatch, useConnection } from '../../api/connection.ts';
import { accountQuery } from '../../api/queries.ts';
import { timeText } from '../../lib/moments.ts';

/** Shown above every page while the server does not answer, so that nothing below looks current. */
export function ConnectionBanner() {
  const queries = useQueryClient();
  const { state, seenAt, isTroubled } = useConnection();
  useEffect(
    () =>
      connectionWatch(
        () => queries.fetchQuery({ ...accountQuery, staleTime: 0, retry: false }),
        () => void queries.invalidateQueries(),
      ),
    [queries],
  );
  if (state === 'live' && !isTroubled) return null;
  return (
    <p
      role="alert"
      className="sticky top-0 z-40 border-b border-line bg-warning-soft px-4 py-2 text-center text-sm font-medium text-warning"
    >
      {isTroubled ? 'The server reports a problem.' : 'The server is not responding.'} Everything
      below is as of {timeText(seenAt)}.
    </p>
  );
}

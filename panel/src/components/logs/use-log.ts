import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { LogFilter } from '@dollarbox/client';
import { type LogFeed, type LogState, logFeedCreate } from '../../api/log-feed.ts';
import { useIsPageVisible } from '../../lib/use-is-page-visible.ts';

export interface OpenLog {
  feed: LogFeed;
  state: LogState;
}

/** The log of a container, followed while anyone can see it; another one for each filter. */
export function useLog(id: number, { contains, stream }: LogFilter): OpenLog {
  const feed = useMemo(
    () => logFeedCreate(id, { ...(contains && { contains }), ...(stream && { stream }) }),
    [id, contains, stream],
  );
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  const isVisible = useIsPageVisible();
  useEffect(() => {
    if (!isVisible) return;
    const abort = new AbortController();
    void feed.follow(abort.signal);
    return () => abort.abort();
  }, [feed, isVisible]);
  return { feed, state };
}

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { eventsApply } from '../../api/live-apply.ts';
import { feedFollow } from '../../api/live-feed.ts';
import { orgKeys } from '../../api/org-queries.ts';
import { useIsPageVisible } from '../../lib/use-is-page-visible.ts';

/** Follows the events of the org whose page is open, while anyone can see it. */
export function LiveFeed({ slug }: { slug: string }) {
  const queries = useQueryClient();
  const isVisible = useIsPageVisible();
  const cursor = useRef<string>(undefined);
  useEffect(() => {
    if (!isVisible) return;
    const abort = new AbortController();
    void feedFollow({
      slug,
      cursor: cursor.current,
      signal: abort.signal,
      onCursor(next) {
        cursor.current = next;
      },
      onEvents: (events) => eventsApply(queries, slug, events),
      onGap: () => void queries.invalidateQueries({ queryKey: orgKeys.all(slug) }),
    });
    return () => abort.abort();
  }, [slug, isVisible, queries]);
  return null;
}

import { useRouter } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';

interface PageMark {
  /** Remembers the page on which something began. */
  set: () => void;
  /** Whether that page is still shown: a reply that comes later must not take its reader away from another one. */
  isHere: () => boolean;
}

export function usePageMark(): PageMark {
  const router = useRouter();
  const marked = useRef<string | null>(null);
  return useMemo(() => {
    const pathname = () => router.state.location.pathname;
    return {
      set() {
        marked.current = pathname();
      },
      isHere: () => marked.current === pathname(),
    };
  }, [router]);
}

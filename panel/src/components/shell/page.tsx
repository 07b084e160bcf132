import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';

interface PageProps {
  title: string;
  about?: ReactNode;
  /** What the page is mostly for: stands beside the title. */
  action?: ReactNode;
  children: ReactNode;
}

/** The frame of every page: its title, to which the focus goes when one gets here from another page. */
export function Page({ title, about, action, children }: PageProps) {
  const heading = usePageFocus();
  return (
    <>
      <title>{`${title} · DollarBox`}</title>
      <header className="mb-8 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
        <div className="grid min-w-0 gap-1.5">
          <h1
            ref={heading}
            tabIndex={-1}
            className="text-xl font-semibold tracking-tight wrap-anywhere"
          >
            {title}
          </h1>
          {about !== undefined && <p className="max-w-prose text-soft">{about}</p>}
        </div>
        {action}
      </header>
      <div className="grid gap-6">{children}</div>
    </>
  );
}

/** For a page's first heading: takes the focus, unless this is the page that the visit began with. */
export function usePageFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  const router = useRouter();
  useEffect(() => {
    if (router.history.length > 1 && router.state.resolvedLocation !== undefined) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [router]);
  return heading;
}

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { usePageFocus } from './page.tsx';
import { ThemeMenu } from './theme-menu.tsx';
import { Wordmark } from './wordmark.tsx';

interface BarePageProps {
  title: string;
  about?: ReactNode;
  children?: ReactNode;
  /** Below the panel: links to other pages. */
  foot?: ReactNode;
}

/** A page for people who are not signed in, with a single task. */
export function BarePage({ title, about, children, foot }: BarePageProps) {
  const heading = usePageFocus();
  return (
    <BareFrame>
      <title>{`${title} · DollarBox`}</title>
      <div className="w-full max-w-[25rem]">
        <div className="grid gap-6 rounded-2xl border border-line bg-surface p-6 shadow-lifted sm:p-8">
          <div className="grid gap-1.5">
            <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold tracking-tight">
              {title}
            </h1>
            {about !== undefined && <p className="text-soft wrap-anywhere">{about}</p>}
          </div>
          {children}
        </div>
        {foot !== undefined && <div className="mt-6 text-center text-sm text-soft">{foot}</div>}
      </div>
    </BareFrame>
  );
}

/** What stands around such a page, drawn before the page is there. */
export function BareFrame({ children }: { children?: ReactNode }) {
  return (
    <div className="flex min-h-dvh flex-col">
      <header className="flex items-center justify-between px-5 py-4 sm:px-8 sm:py-6">
        <Link to="/" className="rounded-lg" aria-label="DollarBox, home">
          <Wordmark />
        </Link>
        <ThemeMenu />
      </header>
      <main className="flex flex-1 justify-center px-4 pt-6 pb-16 sm:pt-[12vh]">{children}</main>
    </div>
  );
}

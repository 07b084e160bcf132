import { Link, useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { classes } from '../ui/classes.ts';
import { ConnectionPill } from './connection-pill.tsx';
import { useOrgOrNull } from './org-context.ts';

interface PageProps {
  title: string;
  about?: ReactNode;
  /** The page's main action, beside the title. */
  action?: ReactNode;
  /** Between the org and this page: "Containers" above the page of a container. */
  crumbs?: readonly { text: string; href: string }[];
  /** `list` for tables, `form` for what is read or filled in line by line, `full` for logs. */
  width?: 'list' | 'form' | 'full';
  children: ReactNode;
}

const NONE: NonNullable<PageProps['crumbs']> = [];
const WIDTHS = { list: 'max-w-[72rem]', form: 'max-w-[40rem]', full: 'max-w-none' };

/** The frame of every page: where it is, its title and its content. After a navigation the focus goes to its title. */
export function Page({ title, about, action, crumbs = NONE, width = 'list', children }: PageProps) {
  const heading = usePageFocus();
  const org = useOrgOrNull();
  const place = org === null || org.name === title ? [] : [org.name];
  return (
    <div className={classes('mx-auto', width === 'full' ? 'max-w-none' : 'max-w-[72rem]')}>
      <title>{[title, ...place, 'DollarBox'].join(' · ')}</title>
      <div className="mb-6 flex h-6 items-center justify-between gap-4 text-sm lg:mb-8">
        <Breadcrumb title={title} crumbs={crumbs} />
        <ConnectionPill />
      </div>
      <div className={WIDTHS[width]}>
        <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
          <div className="grid min-w-0 flex-1 basis-64 gap-1">
            <h1
              ref={heading}
              tabIndex={-1}
              className="text-xl font-semibold tracking-tight text-balance wrap-anywhere"
            >
              {title}
            </h1>
            {about !== undefined && <p className="max-w-prose text-soft wrap-anywhere">{about}</p>}
          </div>
          {action}
        </header>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">{children}</div>
      </div>
    </div>
  );
}

function Breadcrumb({ title, crumbs }: Required<Pick<PageProps, 'title' | 'crumbs'>>) {
  const org = useOrgOrNull();
  if (org === null) return <span />;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-2 text-faint">
        {/* Gives way first: where one is matters more than in which org. */}
        <li className="max-w-fit min-w-8 flex-1 truncate">
          <Link to="/orgs/$slug" params={{ slug: org.slug }} className="hover:text-ink">
            {org.name}
          </Link>
        </li>
        {crumbs.map(({ text, href }) => (
          <li key={href} className="flex min-w-0 gap-2">
            <span aria-hidden="true">/</span>
            <Link to={href} className="truncate hover:text-ink">
              {text}
            </Link>
          </li>
        ))}
        {title !== org.name && (
          <li aria-current="page" className="flex min-w-0 gap-2 text-soft">
            <span aria-hidden="true">/</span>
            <span className="truncate">{title}</span>
          </li>
        )}
      </ol>
    </nav>
  );
}

/** In the place of a page whose code, or whose account, has not arrived. */
export function PageLoading() {
  return (
    <div role="status" className="mx-auto max-w-[72rem] animate-[fade_300ms_200ms_both]">
      <span className="sr-only">Loading the page …</span>
      <div className="mb-6 h-6 lg:mb-8" />
      <div className="mb-6 grid h-14 content-start gap-3">
        <div className="h-7 w-48 animate-pulse rounded-md bg-sunken" />
        <div className="h-4 w-80 max-w-full animate-pulse rounded bg-sunken" />
      </div>
      <div className="h-64 rounded-xl border border-line bg-surface" />
    </div>
  );
}

/** For a page's first heading: takes the focus after a navigation, unless a field of the page has it already. */
export function usePageFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  const router = useRouter();
  useEffect(() => {
    const isFieldFocused = document.activeElement?.matches('input, select, textarea') === true;
    if (isFieldFocused) return;
    if (router.history.length > 1 && router.state.resolvedLocation !== undefined) {
      heading.current?.focus({ preventScroll: true });
    }
  }, [router]);
  return heading;
}

import { Link, type LinkProps, useLocation } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';

const TABS: readonly { to: NonNullable<LinkProps['to']>; text: string }[] = [
  { to: '/orgs/$slug/containers/$name', text: 'Overview' },
  { to: '/orgs/$slug/containers/$name/logs', text: 'Logs' },
  { to: '/orgs/$slug/containers/$name/env', text: 'Variables' },
  { to: '/orgs/$slug/containers/$name/volumes', text: 'Volumes' },
  { to: '/orgs/$slug/containers/$name/events', text: 'Events' },
  { to: '/orgs/$slug/containers/$name/settings', text: 'Settings' },
];

/** The pages of one container. */
export function ContainerTabs({ slug, name }: { slug: string; name: string }) {
  const bar = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // On a phone the tabs are wider than the window.
  useEffect(() => {
    const tab = bar.current
      ?.querySelector(`a[href="${pathname.replace(/\/$/, '')}"]`)
      ?.getBoundingClientRect();
    if (tab === undefined || bar.current === null) return;
    const isHidden = tab.left < 0 || tab.right > globalThis.innerWidth;
    if (isHidden) bar.current.scrollLeft += tab.left;
  }, [pathname]);
  return (
    <nav
      ref={bar}
      aria-label={`Pages of ${name}`}
      className="-mx-4 overflow-x-auto px-4 sm:mx-0 sm:px-0"
    >
      <ul className="flex min-w-max gap-4 border-b border-line sm:gap-6">
        {TABS.map(({ to, text }) => (
          <li key={to}>
            <Link
              to={to}
              params={{ slug, name }}
              replace
              activeOptions={{ exact: true, includeSearch: false }}
              className="-mb-px inline-flex h-11 items-center border-b-2 border-transparent text-sm font-medium text-soft hover:text-ink aria-[current=page]:border-brand aria-[current=page]:text-ink"
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

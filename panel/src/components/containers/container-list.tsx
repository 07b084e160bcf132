import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { memo, useLayoutEffect, useRef, useState } from 'react';
import type { ContainerRow } from '../../api/org-queries.ts';
import { Moment } from '../shell/moment.tsx';
import { classes } from '../ui/classes.ts';
import { CopyIcon } from '../ui/copy-icon.tsx';
import { ContainerStatus } from './container-status.tsx';
import { containerStatusShow } from './status-words.ts';

/** The address is left out where it would leave no room for names. */
const COLUMNS =
  'sm:grid-cols-[11.500rem_minmax(0,1.6fr)_minmax(0,1fr)_6.500rem] lg:grid-cols-[11.500rem_minmax(0,1.6fr)_minmax(0,1fr)_12.500rem_6.500rem]';
const ROW_PX = 45;
const CARD_PX = 76;

/** The rows of containers that are near the window, so that a thousand of them scroll as ten do. */
export function ContainerList({ slug, rows }: { slug: string; rows: readonly ContainerRow[] }) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (globalThis.innerWidth < 640 ? CARD_PX : ROW_PX),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 8,
    scrollMargin: top,
  });
  return (
    <div className="overflow-hidden rounded-xl border border-line bg-surface">
      <div
        aria-hidden="true"
        className={classes(
          'hidden gap-4 border-b border-line px-4 py-2 text-xs font-medium text-faint sm:grid',
          COLUMNS,
        )}
      >
        <span>Status</span>
        <span>Name</span>
        <span>Image</span>
        <span className="max-lg:hidden">Address</span>
        <span className="text-right">Changed</span>
      </div>
      <div ref={list}>
        <ul
          aria-label="Containers"
          className="relative"
          style={{ height: `${virtual.getTotalSize()}px` }}
        >
          {virtual.getVirtualItems().map(({ key, index, start }) => {
            const row = rows[index];
            return (
              row !== undefined && (
                <li
                  key={key}
                  ref={virtual.measureElement}
                  data-index={index}
                  aria-setsize={rows.length}
                  aria-posinset={index + 1}
                  className="absolute inset-x-0 top-0 border-b border-line last:border-b-0"
                  style={{ transform: `translateY(${start - top}px)` }}
                >
                  <Row slug={slug} container={row} />
                </li>
              )
            );
          })}
        </ul>
      </div>
    </div>
  );
}

/** Drawn again only when its container changes, not with each step of scrolling. */
const Row = memo(function Row({ slug, container }: { slug: string; container: ContainerRow }) {
  const { name, image, ipv6_address: address } = container;
  const { detail, look } = containerStatusShow(container);
  const detailText = look === 'failed' ? firstLine(container.status_message) : detail;
  return (
    <div className="relative px-4 py-2.5 hover:bg-sunken">
      <div
        className={classes(
          'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 sm:min-h-6',
          COLUMNS,
        )}
      >
        <span className="order-2 justify-self-end sm:order-none sm:justify-self-start">
          <ContainerStatus container={container} />
        </span>
        <Link
          to="/orgs/$slug/containers/$name"
          params={{ slug, name }}
          title={name}
          // On a phone a long name takes two lines, since names often differ at their end alone.
          className="order-1 min-w-0 font-medium wrap-anywhere after:absolute after:inset-0 sm:order-none sm:truncate"
        >
          {name}
        </Link>
        <span
          title={image}
          className="order-3 col-span-2 min-w-0 truncate font-mono text-sm text-soft sm:order-none sm:col-span-1"
        >
          {image}
        </span>
        <span className="relative order-4 hidden min-w-0 items-center gap-1 sm:order-none lg:flex">
          <span title={address ?? undefined} className="truncate font-mono text-sm text-soft">
            {address ?? '–'}
          </span>
          {address !== null && <CopyIcon text={address} what={`address of ${name}`} />}
        </span>
        <span className="order-5 hidden text-right text-sm text-faint sm:order-none sm:block">
          <Moment at={container.updated_at} />
        </span>
      </div>
      {detailText !== null && (
        <p
          className={classes(
            'mt-1 truncate text-sm',
            look === 'failed' ? 'text-danger' : 'text-soft',
          )}
        >
          {detailText}
        </p>
      )}
    </div>
  );
});

function firstLine(text: string | null): string | null {
  return text?.split('\n')[0] ?? null;
}

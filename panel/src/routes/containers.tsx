import { useQuery } from '@tanstack/react-query';
import { Link, getRouteApi } from '@tanstack/react-router';
import { Plus, Search } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { type ContainerRow, containersQuery } from '../api/org-queries.ts';
import { usageQuery } from '../api/queries.ts';
import { ContainerList } from '../components/containers/container-list.tsx';
import { QuickRun } from '../components/containers/quick-run.tsx';
import {
  StatusFilter,
  type StatusWanted,
  containersFilter,
  statusWantedOf,
} from '../components/containers/status-filter.tsx';
import { WishAnnouncer } from '../components/containers/wish-announcer.tsx';
import { LimitNote } from '../components/shell/limit-note.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Button } from '../components/ui/button.tsx';
import { buttonStyle } from '../components/ui/button-style.ts';
import { Empty } from '../components/ui/states.tsx';

/** The containers of an org, found by text and status. */
export function ContainersPage() {
  const { slug } = useOrg();
  const containers = useQuery(containersQuery(slug));
  const usage = useQuery(usageQuery(slug));
  const room = usage.data?.containers;
  const isFull = room !== undefined && room.current >= room.limit;
  return (
    <Page
      title="Containers"
      about={
        room && `${room.current.toLocaleString('en')} of ${room.limit.toLocaleString('en')} in use.`
      }
      action={<NewContainer slug={slug} isFull={isFull} />}
    >
      {isFull && <LimitNote slug={slug} what="containers" limit={room.limit} />}
      <QueryView query={containers} what="the containers">
        {(rows) =>
          rows.length === 0 && !isFull ? <QuickRun slug={slug} /> : <Found rows={rows} />
        }
      </QueryView>
    </Page>
  );
}

function NewContainer({ slug, isFull }: { slug: string; isFull: boolean }) {
  if (isFull) {
    return (
      <Button disabled>
        <Plus className="size-4" aria-hidden="true" />
        New container
      </Button>
    );
  }
  return (
    <Link to="/orgs/$slug/new-container" params={{ slug }} className={buttonStyle()}>
      <Plus className="size-4" aria-hidden="true" />
      New container
    </Link>
  );
}

const route = getRouteApi('/member/orgs/$slug/containers');

function Found({ rows }: { rows: readonly ContainerRow[] }) {
  const { slug } = useOrg();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState(search.q ?? '');
  const status = statusWantedOf(search.status);
  const deferred = useDeferredValue(text);
  const named = containersFilter(rows, deferred, undefined);
  const shown = containersFilter(named, '', status);
  function show(q: string, next: StatusWanted | undefined) {
    const kept = { ...(q === '' ? {} : { q }), ...(next === undefined ? {} : { status: next }) };
    void navigate({ search: kept, replace: true });
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="flex flex-wrap items-center gap-3">
        <div className="relative min-w-0 flex-1 basis-64">
          <Search
            aria-hidden="true"
            className="pointer-events-none absolute top-3 left-3 size-4 text-faint"
          />
          <input
            type="search"
            aria-label="Search containers"
            placeholder="Search by name, image or address"
            value={text}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
            onBlur={() => show(text, status)}
            className="h-10 w-full rounded-lg border border-edge bg-surface pr-3 pl-9 text-[1rem] placeholder:text-faint hover:border-ink-soft sm:text-sm"
          />
        </div>
        <WishAnnouncer containers={rows} />
        <StatusFilter rows={named} value={status} onChange={(next) => show(text, next)} />
      </div>
      {shown.length === 0 ? (
        <div className="rounded-xl border border-line bg-surface">
          <Empty title="No container matches">Try another text or status.</Empty>
        </div>
      ) : (
        <ContainerList slug={slug} rows={shown} />
      )}
    </div>
  );
}

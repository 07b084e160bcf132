import { DollarboxError } from '@dollarbox/client';
import { getRouteApi } from '@tanstack/react-router';
import { type FocusEvent, type KeyboardEvent, useCallback, useState } from 'react';
import type { LogFilter } from '@dollarbox/client';
import { problemOf } from '../api/problem.ts';
import { useContainer } from '../components/containers/container-context.ts';
import type { LogLook } from '../components/logs/log-block.tsx';
import { type LogSettings, LogToolbar } from '../components/logs/log-toolbar.tsx';
import { LogView } from '../components/logs/log-view.tsx';
import { type OpenLog, useLog } from '../components/logs/use-log.ts';
import { classes } from '../components/ui/classes.ts';
import { Empty, Failure, Loading } from '../components/ui/states.tsx';
import { StatusMark } from '../components/ui/status-mark.tsx';

const route = getRouteApi('/member/orgs/$slug/containers/$name/logs');

/** What a container wrote, and what it writes. */
export function ContainerLogsPage() {
  const settings = route.useSearch();
  const { value: container } = useContainer();
  const filter = filterOf(settings);
  const log = useLog(container.id, filter);
  const [isFull, setIsFull] = useState(false);
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: LogSettings) => {
      const search = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== ''));
      void navigate({ search, replace: true });
    },
    [navigate],
  );
  // Whatever else gets the focus must be seen.
  const full = {
    onBlur({ currentTarget, relatedTarget }: FocusEvent) {
      if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) setIsFull(false);
    },
    onKeyDown({ key }: KeyboardEvent) {
      if (key === 'Escape') setIsFull(false);
    },
  };
  return (
    <section
      aria-label="Logs"
      {...(isFull ? full : {})}
      className={classes(
        'flex flex-col gap-3',
        isFull
          ? 'fixed inset-0 z-40 bg-canvas p-2 sm:p-4'
          : 'h-[calc(100dvh-9rem)] sm:h-[max(24rem,calc(100dvh-16rem))]',
      )}
    >
      <LogToolbar
        {...{ name: container.name, feed: log.feed, settings, isFull }}
        onChange={change}
        onFull={setIsFull}
      />
      <div className="flex min-h-0 flex-1 flex-col rounded-xl border border-line bg-surface">
        <Content
          key={JSON.stringify(filter)}
          log={log}
          isFiltered={Object.keys(filter).length > 0}
          look={{
            isWrapped: settings.wrap === '1',
            hasTimes: settings.times !== '0',
            mark: settings.q,
          }}
        />
        <StatusLine log={log} />
      </div>
    </section>
  );
}

function filterOf({ q, stream }: LogSettings): LogFilter {
  return {
    ...(q === undefined ? {} : { contains: q }),
    ...(stream === 'stdout' || stream === 'stderr' ? { stream } : {}),
  };
}

interface ContentProps {
  log: OpenLog;
  isFiltered: boolean;
  look: LogLook;
}

function Content({ log, isFiltered, look }: ContentProps) {
  const { status, error, hasOlder } = log.state;
  const isEmpty = log.feed.lines.blocks.length === 0 && !hasOlder;
  if (isEmpty && status === 'loading') {
    return (
      <Filler>
        <Loading what="the log" />
      </Filler>
    );
  }
  if (isEmpty && status === 'failed') {
    return (
      <Filler>
        <Failure message={problemOf(error).message} onRetry={log.feed.retry} />
      </Filler>
    );
  }
  if (isEmpty) {
    return (
      <Filler>
        {isFiltered ? (
          <Empty title="No line matches">
            Upper and lower case count. New lines that match appear by themselves.
          </Empty>
        ) : (
          <Empty title="Nothing written yet">
            What the process writes to its standard output and error appears here.
          </Empty>
        )}
      </Filler>
    );
  }
  return <LogView log={log} look={look} />;
}

function Filler({ children }: { children: React.ReactNode }) {
  return <div className="grid min-h-0 flex-1 content-center overflow-auto p-5">{children}</div>;
}

/** Whether new lines come, and how many are here. */
function StatusLine({ log: { feed, state } }: { log: OpenLog }) {
  const { count, hasDropped } = feed.lines;
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-t border-line px-3 py-2 text-xs">
      <span role="status" className="flex flex-wrap items-center gap-x-2">
        <Following {...state} />
        {state.status === 'failed' && (
          <button
            type="button"
            onClick={feed.retry}
            className="font-medium text-brand underline underline-offset-4"
          >
            Follow again
          </button>
        )}
      </span>
      <span className="text-faint tabular-nums">
        {hasDropped && 'the last '}
        {count.toLocaleString('en')} {count === 1 ? 'line' : 'lines'}
      </span>
    </div>
  );
}

function Following({ status, error }: Pick<OpenLog['state'], 'status' | 'error'>) {
  switch (status) {
    case 'loading':
      return <StatusMark look="pending" word="Reading" />;
    case 'live':
      return <StatusMark look="running" word="Following" />;
    case 'reconnecting':
      return (
        <>
          <StatusMark look="pending" word="Connection lost, trying again" />
          {error instanceof DollarboxError && (
            <span className="text-soft">{problemOf(error).message}</span>
          )}
        </>
      );
    case 'deleted':
      return <StatusMark look="stopped" word="The container was deleted: the log ends here" />;
    case 'failed':
      return (
        <>
          <StatusMark look="failed" word="Not following" />
          <span className="text-soft">{problemOf(error).message}</span>
        </>
      );
  }
}

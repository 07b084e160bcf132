import { DollarboxError, type LogFilter, type LogRow, logsFollow, unwrap } from '@dollarbox/client';
import { turnsCreate } from '../lib/give-way.ts';
import { type LogLines, logLinesCreate } from '../lib/log-lines.ts';
import { api } from './client.ts';

export interface LogState {
  /** Moves with each change of the lines. */
  version: number;
  status: 'loading' | 'live' | 'reconnecting' | 'deleted' | 'failed';
  /** Why it failed or is lost; null: no reason was given. */
  error: unknown;
  hasOlder: boolean;
  isReadingOlder: boolean;
}

/** A log as one page shows it: read from its end backwards, and followed. */
export interface LogFeed {
  lines: LogLines;
  state(): LogState;
  subscribe(listener: () => void): () => void;
  /** Reads the last lines, unless they are there, and follows what comes; until the signal aborts or nothing more comes. */
  follow(signal: AbortSignal): Promise<void>;
  /** Goes on after a failure. */
  retry(): void;
  /** Reads the lines before the first one. @throws the error of the request */
  olderRead(signal: AbortSignal): Promise<void>;
}

/** Some 100 bytes each. */
const MOST_LINES = 1_000_000;
/** As many as the API gives at once. */
const PAGE_ROWS = 1000;
/** How often lines that arrive are shown, in milliseconds. */
const SHOW_MS = 50;

/** @param id of the container. */
export function logFeedCreate(id: number, filter: LogFilter): LogFeed {
  const lines = logLinesCreate(MOST_LINES);
  const listeners = new Set<() => void>();
  let [cursor, previous]: (string | undefined)[] = [];
  let isLoaded = false;
  let retried = Promise.withResolvers<void>();
  let state: LogState = {
    ...{ version: 0, status: 'loading', error: null, hasOlder: false, isReadingOlder: false },
  };
  function change(next: Partial<LogState>) {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  }
  const shown = () => ({ version: state.version + 1, hasOlder: previous !== undefined });

  async function pageRead(
    query: { tail: number } | { cursor: string; limit: number },
    signal: AbortSignal,
  ) {
    const params = { path: { id }, query: { ...filter, ...query } };
    const page = await unwrap(api.GET('/containers/{id}/logs/', { params, signal }));
    signal.throwIfAborted();
    // Text is what a stream would be; this asks for a list.
    if (typeof page === 'string') throw new Error('The server sent no page of the log.');
    previous = cursorOf(page.previous);
    return page.results;
  }

  async function load(signal: AbortSignal) {
    const rows = await pageRead({ tail: PAGE_ROWS }, signal);
    cursor = lastCursorOf(rows);
    lines.append(rows);
    isLoaded = true;
    change({ ...shown(), status: 'live', error: null });
  }

  async function newRead(signal: AbortSignal) {
    const options = {
      ...filter,
      ...(cursor === undefined ? { tail: PAGE_ROWS } : { cursor }),
      signal,
      onConnect: () => change({ status: 'live', error: null }),
      onReconnect: (error: unknown) => change({ status: 'reconnecting', error }),
    };
    const pending = pendingCreate((rows) => {
      lines.append(rows);
      change(shown());
    });
    const turnEnd = turnsCreate();
    try {
      for await (const row of logsFollow(api, id, options)) {
        pending.add(row);
        cursor = row.cursor ?? cursor;
        await turnEnd();
      }
    } finally {
      pending.show();
    }
  }

  return {
    lines,
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async follow(signal) {
      while (!signal.aborted) {
        try {
          if (!isLoaded) await load(signal);
          await newRead(signal);
          return change({ status: 'deleted' });
        } catch (error) {
          if (signal.aborted) return undefined;
          // The container was deleted while the connection was lost.
          const isGone = isLoaded && error instanceof DollarboxError && error.status === 404;
          if (isGone) return change({ status: 'deleted' });
          change({ status: 'failed', error });
          await retried.promise;
        }
      }
      return undefined;
    },
    retry() {
      change({ status: isLoaded ? 'reconnecting' : 'loading', error: null });
      retried.resolve();
      retried = Promise.withResolvers();
    },
    async olderRead(signal) {
      if (previous === undefined || state.isReadingOlder) return;
      change({ isReadingOlder: true });
      try {
        lines.prepend(await pageRead({ cursor: previous, limit: PAGE_ROWS }, signal));
      } finally {
        change({ ...shown(), isReadingOlder: false });
      }
    },
  };
}

/** Collects rows and hands them on a few times a second, so that a flood of lines is drawn as fast as it can be seen. */
function pendingCreate(shows: (rows: LogRow[]) => void) {
  let rows: LogRow[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  function show() {
    clearTimeout(timer);
    timer = undefined;
    if (rows.length === 0) return;
    const some = rows;
    rows = [];
    shows(some);
  }
  return {
    show,
    add(row: LogRow) {
      rows.push(row);
      timer ??= setTimeout(show, SHOW_MS);
    },
  };
}

function lastCursorOf(rows: readonly LogRow[]): string | undefined {
  return rows.findLast(({ cursor }) => cursor !== null)?.cursor ?? undefined;
}

function cursorOf(link: string | null): string | undefined {
  return link === null ? undefined : (new URL(link).searchParams.get('cursor') ?? undefined);
}

import type { DollarboxClient, Event, LogRow } from './connect.ts';
import { DollarboxError } from './error.ts';
import { eventStreamRead } from './event-stream.ts';
import { type LogFilter, logQuery } from './logs.ts';
import { backoffMs, pause } from './retry.ts';

/** Longer than any stream is silent: the server sends something every 15 seconds. */
const SILENCE_MS = 45_000;
/** What a reader of a stream should wait out. All else is a fault of the request. */
const TEMPORARY = new Set([408, 425, 429, 500, 502, 503, 504]);

export interface FollowOptions {
  /** Starts behind this row; default: now. */
  cursor?: string;
  signal?: AbortSignal;
  /** Called whenever a stream has been opened, the first one included. */
  onConnect?: () => void;
  /** Called when the stream has ended and is about to be opened again. */
  onReconnect?: (reason: unknown) => void;
  /** How long a stream may be silent before it counts as lost, in milliseconds; default 45 seconds. */
  silenceMs?: number;
}

export interface EventsFollowOptions extends FollowOptions {
  /** Slug of the org; required if you belong to several, and the client names none. */
  org?: string;
}

/**
 * Follows the events of one org, oldest first. Reconnects by itself, for as long as it takes, and resumes where it was:
 * no event is missed or comes twice.
 * @throws DollarboxError when access ends, or the events behind the cursor are no longer kept (410 `cursor_expired`);
 * the signal's reason.
 */
export async function* eventsFollow(
  client: DollarboxClient,
  { org, ...options }: EventsFollowOptions = {},
): AsyncGenerator<Event, void, undefined> {
  const query = org === undefined ? {} : { org };
  const rows = rowsFollow(options, (headers, signal) =>
    client.GET('/events/', { params: { query }, headers, signal, parseAs: 'stream' }),
  );
  for await (const { data } of rows) yield JSON.parse(data) as Event;
}

export interface LogsFollowOptions extends FollowOptions, LogFilter {
  /** How many of the last lines come first, at most 1000; default 200. Not used with `cursor`. */
  tail?: number;
}

/**
 * Follows the log of a container over all its restarts and updates. Reconnects by itself, for as long as it takes, and
 * resumes where it was: no line is missed or comes twice, and a row of type `gap` says where the server has lost some.
 * Ends when the container is deleted.
 * @throws DollarboxError when access ends; the signal's reason.
 */
export async function* logsFollow(
  client: DollarboxClient,
  id: number,
  { tail, ...options }: LogsFollowOptions = {},
): AsyncGenerator<LogRow, void, undefined> {
  const query = { ...(tail !== undefined && { tail }), ...logQuery(options) };
  const params = { path: { id }, query };
  const rows = rowsFollow(options, (headers, signal) =>
    client.GET('/containers/{id}/logs/', { params, headers, signal, parseAs: 'stream' }),
  );
  for await (const { data } of rows) yield JSON.parse(data) as LogRow;
}

/** A row of a stream. */
interface FollowedRow {
  type: string;
  /** The cursor behind it. */
  id: string;
  data: string;
}

type Open = (
  headers: Record<string, string>,
  signal: AbortSignal,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

/**
 * The rows of a stream, across all its connections.
 * @param open sends the request.
 */
async function* rowsFollow(
  { cursor, signal, onConnect, onReconnect, silenceMs = SILENCE_MS }: FollowOptions,
  open: Open,
): AsyncGenerator<FollowedRow, void, undefined> {
  let last = cursor ?? '';
  let failures = 0;
  for (;;) {
    signal?.throwIfAborted();
    const silence = silenceWatch(silenceMs, signal);
    let reason: unknown = null;
    try {
      for await (const row of connectionRows(open, last, silence, onConnect)) {
        failures = 0;
        if (row.id !== '') last = row.id;
        if (row.data === null) continue;
        if (row.event === 'end') reason = (JSON.parse(row.data) as { reason: string }).reason;
        if (reason === 'deleted') return;
        if (row.event !== 'end') yield { type: row.event, id: row.id, data: row.data };
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DollarboxError && !TEMPORARY.has(error.status)) throw error;
      reason = error;
    } finally {
      silence.end();
    }
    onReconnect?.(reason);
    await pause(backoffMs(failures), signal);
    failures += 1;
  }
}

async function* connectionRows(
  open: Open,
  last: string,
  silence: SilenceWatch,
  onConnect: FollowOptions['onConnect'],
) {
  const headers = {
    accept: 'text/event-stream',
    ...(last === '' ? {} : { 'last-event-id': last }),
  };
  const { data, error, response } = await open(headers, silence.signal);
  if (!response.ok) throw new DollarboxError(response, error);
  onConnect?.();
  for await (const row of eventStreamRead(data as ReadableStream<Uint8Array>, silence.signal)) {
    silence.heard();
    yield row;
  }
}

interface SilenceWatch {
  /** Aborted when the stream has been silent for too long, or by the caller. */
  signal: AbortSignal;
  heard(): void;
  end(): void;
}

function silenceWatch(ms: number, outer: AbortSignal | undefined): SilenceWatch {
  const inner = new AbortController();
  const abort = () => inner.abort(new Error(`The stream was silent for ${ms / 1000} s.`));
  let timer = setTimeout(abort, ms);
  // Not `AbortSignal.any`: in Node 20, what it returns forgets an `AbortSignal.timeout` that is collected as garbage.
  const forward = () => inner.abort(outer?.reason);
  outer?.addEventListener('abort', forward);
  return {
    signal: inner.signal,
    heard() {
      clearTimeout(timer);
      timer = setTimeout(abort, ms);
    },
    end() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', forward);
      inner.abort();
    },
  };
}

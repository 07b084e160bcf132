import { DollarboxError } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { api } from './client.ts';

export type FeedEvent = components['schemas']['Event'];

export interface FeedOptions {
  slug: string;
  /** Behind which event to resume; undefined to begin now. */
  cursor: string | undefined;
  signal: AbortSignal;
  onEvents(events: readonly FeedEvent[]): void;
  /** Something may have been missed: what is shown must be read again. */
  onGap(): void;
  onCursor(cursor: string): void;
}

/** The server sends a heartbeat every 15 seconds; without one for this long the connection is dead. */
const SILENCE_MS = 20_000;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;

/** How following ended: it is tried again, with or without a delay, or the person has no access any more. */
type Ending = 'again' | 'failed' | 'refused';

/** Follows the events of an org until the signal aborts, and reconnects where it stopped. */
export async function feedFollow(options: FeedOptions): Promise<void> {
  const { signal, onGap } = options;
  let { cursor } = options;
  let delayMs = RETRY_MIN_MS;
  while (!signal.aborted) {
    const ending = await connectionFollow({ ...options, cursor }, (next) => {
      cursor = next;
      delayMs = RETRY_MIN_MS;
    });
    if (signal.aborted) return;
    if (ending === 'refused') {
      onGap();
      return;
    }
    if (ending === 'failed') {
      await pause(delayMs, signal);
      delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
    }
  }
}

async function connectionFollow(
  { slug, cursor, signal, onEvents, onGap, onCursor }: FeedOptions,
  moved: (cursor: string | undefined) => void,
): Promise<Ending> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const { data, error, response } = await api.GET('/events/', {
      params: { query: { org: slug, ...(cursor === undefined ? {} : { cursor }) } },
      headers: { accept: 'application/x-ndjson' },
      parseAs: 'stream',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || data === undefined || data === null) {
      throw new DollarboxError(response, error);
    }
    if (cursor === undefined) onGap();
    for await (const rows of rowsOf(data as unknown as ReadableStream<Uint8Array>)) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      const events = rows.filter((row): row is FeedEvent => row.type !== 'end');
      const last = events.at(-1)?.id;
      if (last !== undefined) {
        moved(last);
        onCursor(last);
        onEvents(events);
      }
      const end = rows.find(({ type }) => type === 'end');
      if (end !== undefined)
        return 'reason' in end && end.reason === 'access_ended' ? 'refused' : 'failed';
    }
    return 'failed';
  } catch (error) {
    if (!(error instanceof DollarboxError)) return 'failed';
    if (error.code === 'cursor_expired') {
      moved(undefined);
      return 'again';
    }
    if ([401, 403, 404].includes(error.status)) return 'refused';
    // Too many streams are open: reading again at each attempt keeps the page current.
    onGap();
    return 'failed';
  } finally {
    clearTimeout(timer);
  }
}

type FeedRow = FeedEvent | { type: 'end'; reason?: string };

/** The rows of a stream of JSON lines, as many at once as arrived together; none of them for a heartbeat. */
async function* rowsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<FeedRow[]> {
  const reader = stream
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let rest = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      yield lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FeedRow);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

import { Readable } from 'node:stream';
import { ApiError } from '../base/errors.ts';
import type { Subscription, Wake } from '../feed/feed.ts';
import type { Answer, Call } from './route.ts';

/** How often a stream without rows shows that it is alive, in milliseconds. */
const HEARTBEAT_MS = 15_000;
/** How often it is looked for streams that should have ended, in milliseconds. */
const CUT_EVERY_MS = 500;
const RETRY_AFTER_SECONDS = 10;

/** How rows are written into a stream. */
export interface StreamFormat {
  contentType: string;
  /** The beginning of a stream that goes on behind `cursor`. */
  start(cursor: string): string;
  /** @param json the row as JSON. */
  row(type: string, id: string | null, json: string): string;
  heartbeat: string;
}

const EVENT_STREAM: StreamFormat = {
  contentType: 'text/event-stream; charset=utf-8',
  // An id without data is no event, but a client that is cut off before the first event resumes with it.
  start: (cursor) => `: alive\nid: ${cursor}\n\n`,
  row: (type, id, json) => `${id === null ? '' : `id: ${id}\n`}event: ${type}\ndata: ${json}\n\n`,
  heartbeat: ': alive\n\n',
};

const JSON_LINES: StreamFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  start: () => '\n',
  row: (_type, _id, json) => `${json}\n`,
  heartbeat: '\n',
};

/** The format of the stream that a request asks for in `Accept`; null if it asks for a list. */
export function streamFormatOf(accept: string | undefined): StreamFormat | null {
  const named = (accept ?? '').split(',').map((type) => type.split(';')[0]?.trim().toLowerCase());
  const types = new Set(named);
  if (types.has('text/event-stream')) return EVENT_STREAM;
  return types.has('application/x-ndjson') ? JSON_LINES : null;
}

/** Why a stream ends, as its last row tells. */
const END_REASONS: Partial<Record<Wake, string>> = {
  access_ended: 'access_ended',
  stopping: 'server_stopping',
};

/** What a follower has to write now. */
export interface StreamStep {
  /** Whole rows, as bytes if other streams write them, too; may be empty. */
  text: string | Buffer;
  /** There is more to write without waiting for anything. */
  hasMore: boolean;
  /** Nothing follows, for this reason. */
  end?: string;
  /** Look again after so long at the latest, in milliseconds. */
  againMs?: number;
}

interface Followed {
  call: Pick<Call, 'request'>;
  format: StreamFormat;
  /** What it goes on behind; null: nothing yet. */
  cursor: string | null;
  subscription: Subscription;
  next(): Promise<StreamStep>;
}

/**
 * Writes rows as they come, and no sooner than they are taken: a slow reader falls behind. The last row says why the
 * stream ends.
 */
async function* streamRows({
  format,
  cursor,
  subscription,
  next,
}: Followed): AsyncGenerator<string | Buffer> {
  // Sends the head of the reply at once.
  yield cursor === null ? format.heartbeat : format.start(cursor);
  let quietMs = 0;
  for (;;) {
    const { text, hasMore, end, againMs = HEARTBEAT_MS } = await next();
    if (text.length > 0) {
      quietMs = 0;
      yield text;
    }
    const waitMs = Math.min(againMs, HEARTBEAT_MS - quietMs);
    const wake =
      hasMore || end !== undefined ? subscription.ended() : await subscription.next(waitMs);
    const reason = end ?? (wake === null ? undefined : END_REASONS[wake]);
    if (reason !== undefined) {
      yield format.row('end', null, JSON.stringify({ type: 'end', reason }));
      return;
    }
    if (wake !== 'timeout') continue;
    quietMs += waitMs;
    if (quietMs < HEARTBEAT_MS) continue;
    quietMs = 0;
    yield format.heartbeat;
  }
}

/** A reply that goes on. @param close called once, however the stream ends. */
export function streamAnswer(followed: Followed, close: () => void): Answer {
  async function* rows(): AsyncGenerator<string | Buffer> {
    try {
      yield* streamRows(followed);
    } finally {
      followed.subscription.close();
    }
  }
  // A reader that is gone is noticed at once, and not only with the next row.
  followed.call.request.raw.once('close', () => followed.subscription.close());
  const stream = Readable.from(rows());
  let isEnding = false;
  // Who takes nothing does not get the last row either.
  const watch = setInterval(() => {
    if (followed.subscription.ended() === null) return;
    if (isEnding) stream.destroy();
    isEnding = true;
  }, CUT_EVERY_MS);
  // Also if nobody has begun to read it.
  stream.once('close', () => {
    clearInterval(watch);
    followed.subscription.close();
    close();
  });
  return {
    status: 200,
    stream,
    headers: {
      'content-type': followed.format.contentType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  };
}

/** The refusal of another stream. @param what the streams that are open, as part of a sentence. */
export function streamsFull(what: string): ApiError {
  return new ApiError('rate_limited', `${what} open: close some, or try again later.`, {
    detail: { retry_after: RETRY_AFTER_SECONDS },
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  });
}

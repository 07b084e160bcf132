import { EngineError } from '@dollarbox/engines/contract';
import type { StreamFormat, StreamStep } from '../http/stream.ts';
import { type LinePlace, logCursorFormat } from './cursor.ts';
import type { LogFilter } from './filter.ts';
import type { HubReader, HubTaken, LogHubs } from './hub.ts';
import type { LogItem, LogSource } from './items.ts';
import { type LogReadDeps, logSources } from './lines.ts';
import { linesAfter } from './read.ts';
import { logRowShow } from './show.ts';
import type { ContainerLogs } from './store.ts';

/** When to ask the engine again after a failure, in milliseconds. */
const RETRY_MS = 1000;

interface FollowerDeps extends LogReadDeps {
  hubs: LogHubs;
  /** What there is to read now; null: the container is gone. */
  read(): Promise<ContainerLogs | null>;
  /** Ends the wait of the stream. */
  wake(): void;
}

export interface Follower {
  next(): Promise<StreamStep>;
  close(): void;
}

/** Reads what is behind a place from the engine and from what is kept, as far as it goes now. */
interface CatchUp {
  items: AsyncGenerator<LogItem[]>;
  live: LiveJoin | null;
}

/** The live log that a reader takes over after it has caught up, and what it has seen of it before. */
interface LiveJoin {
  reader: HubReader;
  object: number;
  /** The line of this object behind which the reader began to read it; null: at its beginning. */
  from: string | null;
  /** It has passed the line before the first one of the live log. */
  isPassed: boolean;
  /** Lines were lost while it was read. */
  hasGap: boolean;
  /** How many lines of the object it has seen behind that line, or behind `from` if it has not passed it. */
  seen: number;
}

function rowShow(format: StreamFormat, item: LogItem): string {
  const id = item.type === 'line' ? logCursorFormat(item) : null;
  return format.row(item.type, id, JSON.stringify(logRowShow(item)));
}

/** Live lines are shown once for all who follow them in this format and want all of them. */
function takenShow(
  format: StreamFormat,
  { lines, batch }: HubTaken,
  filter: LogFilter | null,
): string | Buffer {
  if (batch === null || filter !== null) {
    const shown = filter === null ? lines : lines.filter(filter);
    return shown.map((item) => rowShow(format, item)).join('');
  }
  const known = batch.shown.get(format.contentType);
  if (known !== undefined) return known;
  const bytes = Buffer.from(batch.items.map((item) => rowShow(format, item)).join(''));
  batch.shown.set(format.contentType, bytes);
  return bytes;
}

/** The newest object, if the engine has it: what its process writes can be followed. */
function liveSource(sources: readonly LogSource[]): LogSource | null {
  const last = sources.at(-1);
  return last?.kind === 'engine' ? last : null;
}

function instanceKey({ object, instances }: LogSource): string {
  return `${object} ${instances.at(-1)?.number}`;
}

function liveJoin(reader: HubReader, object: number, place: LinePlace | null): LiveJoin {
  const from = place?.object === object ? place.position : null;
  return { reader, object, from, isPassed: reader.after === from, hasGap: false, seen: 0 };
}

/** Notes what was read of the object before its live log is taken over. */
function joinNote(join: LiveJoin, items: readonly LogItem[]): void {
  for (const item of items) {
    if (item.type === 'gap') join.hasGap = true;
    if (item.type === 'gap' || item.object !== join.object) continue;
    join.seen += 1;
    if (item.position !== join.reader.after) continue;
    join.isPassed = true;
    join.seen = 0;
  }
}

/**
 * Follows the log of a container across all its instances: what is behind a place is read from the engine, and then what
 * its process writes as it comes.
 * @param filter null: all rows.
 */
export function followerCreate(
  deps: FollowerDeps,
  place: LinePlace | null,
  format: StreamFormat,
  filter: LogFilter | null,
): Follower {
  let catchUp: CatchUp | null = null;
  let live: HubReader | null = null;
  let liveKey = '';
  /** The instance whose live log has ended. */
  let endedKey = '';
  /** The gaps that were shown since the last line: each reading finds them again. */
  const shownGaps = new Set<string>();

  function isNew(item: LogItem): boolean {
    if (item.type === 'line') {
      shownGaps.clear();
      return true;
    }
    const key = JSON.stringify(item);
    const isKnown = shownGaps.has(key);
    shownGaps.add(key);
    return !isKnown;
  }

  function step(items: readonly LogItem[], text: StreamStep['text']): StreamStep {
    const last = items.findLast((item) => item.type === 'line');
    if (last !== undefined) place = last;
    return { text, hasMore: true };
  }

  async function catchUpOpen(): Promise<CatchUp | null> {
    const logs = await deps.read();
    if (logs === null) return null;
    const sources = logSources(logs.instances);
    const source = liveSource(sources);
    let join: LiveJoin | null = null;
    if (source !== null && instanceKey(source) !== endedKey) {
      liveKey = instanceKey(source);
      const isFresh = place?.object !== source.object;
      const reader = await deps.hubs.join(source, isFresh, deps.wake).catch((error: unknown) => {
        if (error instanceof EngineError && error.kind === 'not_found') return null;
        throw error;
      });
      if (reader !== null) join = liveJoin(reader, source.object, place);
    }
    // Of an object whose live log begins with its first line, nothing else has to be read.
    const isWhole = join?.isPassed === true && join.from === null && source?.isAfterGap === false;
    const read = isWhole ? sources.slice(0, -1) : sources;
    return { items: linesAfter(deps, read, place), live: join };
  }

  /** Everything that there was has been read: goes on with the live log, if there is one. */
  function caughtUp({ live: join }: CatchUp): StreamStep {
    if (join === null) return { text: '', hasMore: false };
    const { reader, from, isPassed, hasGap, seen } = join;
    if (!isPassed && (from === null || hasGap)) {
      // The engine has lost the line at which the live log began.
      reader.leave();
      return { text: '', hasMore: false, againMs: RETRY_MS };
    }
    reader.skip(isPassed ? null : from, seen);
    live = reader;
    return { text: '', hasMore: true };
  }

  async function catchUpStep(): Promise<StreamStep> {
    const current = catchUp ?? (await catchUpOpen());
    if (current === null) return { text: '', hasMore: false, end: 'deleted' };
    catchUp = current;
    const { done, value } = await current.items.next();
    if (done === true) {
      catchUp = null;
      return caughtUp(current);
    }
    if (current.live !== null) joinNote(current.live, value);
    // There is something new of an instance whose log had ended.
    if (value.some((item) => item.type === 'line')) endedKey = '';
    const fresh = value.filter(isNew);
    const shown = filter === null ? fresh : fresh.filter(filter);
    return step(value, shown.map((item) => rowShow(format, item)).join(''));
  }

  async function liveStep(reader: HubReader): Promise<StreamStep> {
    const taken = reader.take();
    const { lines, state } = taken;
    if (lines.length > 0) shownGaps.clear();
    const written = step(lines, takenShow(format, taken, filter));
    if (state === 'more') return written;
    if (state === 'dry') {
      // It was woken by something else than a line.
      const isGone = lines.length === 0 && (await deps.read()) === null;
      return { ...written, hasMore: false, ...(isGone && { end: 'deleted' }) };
    }
    reader.leave();
    live = null;
    if (state === 'ended') endedKey = liveKey;
    return written;
  }

  function leave(): void {
    live?.leave();
    catchUp?.live?.reader.leave();
    void catchUp?.items.return(undefined);
    live = null;
    catchUp = null;
  }

  return {
    async next() {
      if (live !== null) return liveStep(live);
      try {
        return await catchUpStep();
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        leave();
        return { text: '', hasMore: false, againMs: RETRY_MS };
      }
    },
    close: leave,
  };
}

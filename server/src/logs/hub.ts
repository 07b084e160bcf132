import { type EngineAccess, EngineError } from '@dollarbox/engines/contract';
import type { Clock } from '../base/system.ts';
import { instanceFinder } from '../containers/instance-finder.ts';
import type { LogItem, LogSource } from './items.ts';
import type { InstanceRow } from './store.ts';

/** How much of a log is kept for readers that fall behind, in UTF-16 units. Whoever is further behind asks the engine. */
const RING_LENGTH = 1024 ** 2;
/** What a line takes besides its text. */
const LINE_OVERHEAD = 200;
/** How much of that is written at once. */
const BATCH_LENGTH = 64 * 1024;
/** How often readers are woken by a log that is written all the time, in milliseconds. */
const WAKE_EVERY_MS = 20;
/** How long to wait before the engine is asked again after a failure, in milliseconds. */
const RETRY_MS = 1000;

/** The log of a process that has started within this time is short enough to be followed from its beginning on, in milliseconds. */
const YOUNG_MS = 2000;

type LogItemLine = Extract<LogItem, { type: 'line' }>;

/** Lines that all readers get together, so that what is written to each of them is in memory once. */
interface LogBatch {
  items: LogItemLine[];
  /** How the stream formats show them, by their content types. */
  shown: Map<string, Buffer>;
}

/** `behind`: what it wants is no longer here. `ended`: the process has ended, and all its lines were taken. */
type HubState = 'dry' | 'more' | 'behind' | 'ended';

export interface HubTaken {
  /** Those of the lines of a batch that the reader does not have yet. */
  lines: readonly LogItemLine[];
  /** The batch, if it lacks all of them. */
  batch: LogBatch | null;
  state: HubState;
}

export interface HubReader {
  /** The last line before those that it will get; null: it gets the object's log from its beginning on. */
  readonly after: string | null;
  /**
   * Drops the lines up to a position, if it is not null, and as many behind it.
   */
  skip(until: string | null, count: number): void;
  /** The next batch. */
  take(): HubTaken;
  leave(): void;
}

interface HubBatch extends LogBatch {
  length: number;
  /** A reader has it, or begins behind it: nothing is added any more. */
  isClosed: boolean;
}

/** The live log of one object, read once for all its readers in this process. */
interface Hub {
  batches: HubBatch[];
  /** The number of the first of `batches`. */
  first: number;
  length: number;
  /** Its first batch, number 0, begins with the first line of the object. */
  isFromBeginning: boolean;
  position: string | null;
  state: 'open' | 'ended' | 'broken';
  readers: Set<{ next: number; wake(): void }>;
  /** They were woken a moment ago. */
  isResting: boolean;
  isWakeWanted: boolean;
  starting: Promise<void>;
  stop: AbortController;
}

export interface LogHubs {
  /**
   * Joins the live log of a source's object.
   * @param isFresh whether the reader has no line of the object yet.
   * @param wake called when there is something to take.
   * @throws EngineError
   */
  join(source: LogSource, isFresh: boolean, wake: () => void): Promise<HubReader>;
}

export function logHubsCreate(access: EngineAccess, clock: Pick<Clock, 'now'>): LogHubs {
  const hubs = new Map<string, Hub>();

  /** Wakes all readers, or later, if they were woken a moment ago: each of their writes costs the same for many lines. */
  function notify(hub: Hub): void {
    hub.isWakeWanted = hub.isResting;
    if (hub.isResting) return;
    hub.isResting = true;
    setTimeout(() => {
      hub.isResting = false;
      if (hub.isWakeWanted) notify(hub);
    }, WAKE_EVERY_MS);
    for (const reader of hub.readers) reader.wake();
  }

  function add(hub: Hub, item: LogItemLine): void {
    const length = item.text.length + LINE_OVERHEAD;
    const last = hub.batches.at(-1);
    if (last === undefined || last.isClosed || last.length + length > BATCH_LENGTH) {
      hub.batches.push({ items: [item], shown: new Map(), length, isClosed: false });
    } else {
      last.items.push(item);
      last.length += length;
    }
    hub.length += length;
  }

  /** Forgets what every reader has taken, and what exceeds the limit. */
  function trim(hub: Hub): void {
    const needed = Math.min(...Array.from(hub.readers, ({ next }) => next));
    let count = 0;
    for (const { length } of hub.batches) {
      if (hub.first + count >= needed && hub.length <= RING_LENGTH) break;
      hub.length -= length;
      count += 1;
    }
    hub.batches.splice(0, count);
    hub.first += count;
  }

  async function run(hub: Hub, source: LogSource, { ref, startedAt }: InstanceRow): Promise<void> {
    const instanceOf = instanceFinder(source);
    const { object } = source;
    const { signal } = hub.stop;
    while (hub.state === 'open' && !hub.stop.signal.aborted) {
      try {
        const from = { after: hub.position, run: startedAt };
        for await (const { lines } of access.follow(ref, from, signal)) {
          for (const line of lines) {
            add(hub, { ...line, type: 'line', object, instance: instanceOf(line.at) });
          }
          hub.position = lines.at(-1)?.position ?? hub.position;
          trim(hub);
          notify(hub);
        }
        hub.state = 'ended';
      } catch (error) {
        if (hub.stop.signal.aborted) return;
        if (!(error instanceof EngineError)) {
          hub.state = 'broken';
          throw error;
        }
        if (error.kind === 'not_found') hub.state = 'ended';
        else if (error.reason === 'position_missing') hub.state = 'broken';
        else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    notify(hub);
  }

  function isYoung({ instances }: LogSource): boolean {
    const [first, ...more] = instances;
    if (first === undefined || more.length > 0) return false;
    return Math.abs(clock.now().getTime() - first.startedAt.getTime()) < YOUNG_MS;
  }

  /** @param isShort it begins with the first line, since there can't be many; else with the next one. */
  function open(source: LogSource, isShort: boolean, key: string, last: InstanceRow): Hub {
    const hub: Hub = {
      batches: [],
      first: 0,
      length: 0,
      isFromBeginning: false,
      position: null,
      state: 'open',
      readers: new Set(),
      isResting: false,
      isWakeWanted: false,
      starting: Promise.resolve(),
      stop: new AbortController(),
    };
    hub.starting = (async () => {
      // One question less before the first line of a process.
      if (!isShort) hub.position = await lastPositionRead(last, hub.stop.signal);
      hub.isFromBeginning = hub.position === null;
      void run(hub, source, last).finally(() => {
        if (hubs.get(key) === hub) hubs.delete(key);
      });
    })();
    hub.starting.catch(() => {
      if (hubs.get(key) === hub) hubs.delete(key);
    });
    hubs.set(key, hub);
    return hub;
  }

  async function lastPositionRead(
    { ref, startedAt }: InstanceRow,
    signal: AbortSignal,
  ): Promise<string | null> {
    let position: string | null = null;
    for await (const { lines } of access.lines(ref, { tail: 1, run: startedAt }, signal)) {
      position = lines.at(-1)?.position ?? position;
    }
    return position;
  }

  /** @param isFresh whether it wants all lines, if they are still here. */
  function readerCreate(hub: Hub, key: string, isFresh: boolean, wake: () => void): HubReader {
    const getsAll = isFresh && hub.isFromBeginning && hub.first === 0;
    const reader = { next: getsAll ? 0 : hub.first + hub.batches.length, wake };
    const last = hub.batches.at(-1);
    if (last !== undefined) last.isClosed = true;
    let until: string | null = null;
    let count = 0;
    hub.readers.add(reader);

    /** Whether the line is one that the reader has already. */
    function isKnown({ position }: LogItemLine): boolean {
      if (until !== null) {
        if (position === until) until = null;
        return true;
      }
      if (count === 0) return false;
      count -= 1;
      return true;
    }

    return {
      after: getsAll ? null : hub.position,
      skip(known, more) {
        until = known;
        count = more;
      },
      take() {
        const isBehind = reader.next < hub.first || hub.state === 'broken';
        if (isBehind) return { lines: [], batch: null, state: 'behind' };
        const index = reader.next - hub.first;
        const batch = hub.batches[index] ?? null;
        const hasMore = index + 1 < hub.batches.length;
        const state = hasMore ? 'more' : hub.state === 'ended' ? 'ended' : 'dry';
        if (batch === null) return { lines: [], batch, state };
        batch.isClosed = true;
        reader.next += 1;
        if (until === null && count === 0) return { lines: batch.items, batch, state };
        return { lines: batch.items.filter((item) => !isKnown(item)), batch: null, state };
      },
      leave() {
        hub.readers.delete(reader);
        if (hub.readers.size > 0) return;
        hub.stop.abort();
        if (hubs.get(key) === hub) hubs.delete(key);
      },
    };
  }

  return {
    async join(source, isFresh, wake) {
      const last = source.instances.at(-1);
      if (last === undefined) throw new Error('a source without an instance');
      const key = `${last.ref} ${last.number}`;
      for (;;) {
        const hub = hubs.get(key) ?? open(source, isFresh && isYoung(source), key, last);
        await hub.starting;
        // Its last reader may have left meanwhile.
        if (!hub.stop.signal.aborted) return readerCreate(hub, key, isFresh, wake);
        if (hubs.get(key) === hub) hubs.delete(key);
      }
    },
  };
}

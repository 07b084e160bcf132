import { type EngineAccess, EngineError } from '@dollarbox/engines/contract';
import { instanceFinder } from '../containers/instance-finder.ts';
import type { LogItem, LogSource } from './items.ts';

/** How much of a log is kept for readers that fall behind, in UTF-16 units. Whoever is further behind asks the engine. */
const RING_LENGTH = 1024 ** 2;
/** What a line takes besides its text. */
const LINE_OVERHEAD = 200;
/** How long to wait before the engine is asked again after a failure, in milliseconds. */
const RETRY_MS = 1000;

type LogItemLine = Extract<LogItem, { type: 'line' }>;

/** A line as it was read once for all readers. */
export interface HubLine {
  item: LogItemLine;
  /** How the stream formats show it, by their content types. */
  shown: Map<string, string>;
}

/** `behind`: what it wants is no longer here. `ended`: the process has ended, and all its lines were taken. */
type HubState = 'dry' | 'more' | 'behind' | 'ended';

export interface HubReader {
  /** The last line before those that it will get; null: it gets the object's log from its beginning on. */
  readonly after: string | null;
  /**
   * Drops the lines up to a position, if it is not null, and as many behind it.
   */
  skip(until: string | null, count: number): void;
  take(max: number): { lines: HubLine[]; state: HubState };
  leave(): void;
}

/** The live log of one object, read once for all its readers in this process. */
interface Hub {
  lines: HubLine[];
  /** The number of the first of `lines`. */
  first: number;
  length: number;
  position: string | null;
  state: 'open' | 'ended' | 'broken';
  readers: Set<{ next: number; wake(): void }>;
  starting: Promise<void>;
  stop: AbortController;
}

export interface LogHubs {
  /**
   * Joins the live log of a source's object.
   * @param wake called when there is something to take.
   * @throws EngineError
   */
  join(source: LogSource, wake: () => void): Promise<HubReader>;
}

export function logHubsCreate(access: EngineAccess): LogHubs {
  const hubs = new Map<string, Hub>();

  function notify(hub: Hub): void {
    for (const reader of hub.readers) reader.wake();
  }

  /** Forgets what every reader has taken, and what exceeds the limit. */
  function trim(hub: Hub): void {
    const needed = Math.min(...Array.from(hub.readers, ({ next }) => next));
    let count = 0;
    while (count < hub.lines.length) {
      const isNeeded = hub.first + count >= needed;
      if (isNeeded && hub.length <= RING_LENGTH) break;
      hub.length -= (hub.lines[count]?.item.text.length ?? 0) + LINE_OVERHEAD;
      count += 1;
    }
    if (count === 0) return;
    hub.lines.splice(0, count);
    hub.first += count;
  }

  async function run(hub: Hub, source: LogSource, ref: string): Promise<void> {
    const instanceOf = instanceFinder(source);
    const { object } = source;
    while (hub.state === 'open' && !hub.stop.signal.aborted) {
      try {
        for await (const { lines } of access.follow(ref, hub.position, hub.stop.signal)) {
          for (const line of lines) {
            const instance = instanceOf(line.at);
            hub.lines.push({ item: { ...line, type: 'line', object, instance }, shown: new Map() });
            hub.length += line.text.length + LINE_OVERHEAD;
          }
          hub.position = lines.at(-1)?.position ?? hub.position;
          if (hub.lines.length > 0) trim(hub);
          notify(hub);
        }
        hub.state = 'ended';
      } catch (error) {
        if (hub.stop.signal.aborted) return;
        if (!(error instanceof EngineError)) {
          hub.state = 'broken';
          throw error;
        }
        if (error.reason === 'container_missing') hub.state = 'ended';
        else if (error.reason === 'position_missing') hub.state = 'broken';
        else await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    notify(hub);
  }

  function open(source: LogSource, key: string, ref: string): Hub {
    const hub: Hub = {
      lines: [],
      first: 0,
      length: 0,
      position: null,
      state: 'open',
      readers: new Set(),
      starting: Promise.resolve(),
      stop: new AbortController(),
    };
    hub.starting = (async () => {
      for await (const { lines } of access.lines(ref, { tail: 1 }, hub.stop.signal)) {
        hub.position = lines.at(-1)?.position ?? hub.position;
      }
      void run(hub, source, ref).finally(() => {
        if (hubs.get(key) === hub) hubs.delete(key);
      });
    })();
    hub.starting.catch(() => {
      if (hubs.get(key) === hub) hubs.delete(key);
    });
    hubs.set(key, hub);
    return hub;
  }

  function readerCreate(hub: Hub, key: string, wake: () => void): HubReader {
    const reader = { next: hub.first + hub.lines.length, wake };
    let until: string | null = null;
    let count = 0;
    hub.readers.add(reader);

    /** Whether the line is one that the reader has already. */
    function isKnown({ item }: HubLine): boolean {
      if (until !== null) {
        if (item.position === until) until = null;
        return true;
      }
      if (count === 0) return false;
      count -= 1;
      return true;
    }

    return {
      after: hub.position,
      skip(known, more) {
        until = known;
        count = more;
      },
      take(max) {
        if (reader.next < hub.first || hub.state === 'broken')
          return { lines: [], state: 'behind' };
        const start = reader.next - hub.first;
        const taken = hub.lines.slice(start, start + max);
        reader.next += taken.length;
        const lines =
          until === null && count === 0 ? taken : taken.filter((line) => !isKnown(line));
        if (start + taken.length < hub.lines.length) return { lines, state: 'more' };
        trim(hub);
        return { lines, state: hub.state === 'ended' ? 'ended' : 'dry' };
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
    async join(source, wake) {
      const last = source.instances.at(-1);
      if (last === undefined) throw new Error('a source without an instance');
      const key = `${last.ref} ${last.number}`;
      for (;;) {
        const hub = hubs.get(key) ?? open(source, key, last.ref);
        await hub.starting;
        // Its last reader may have left meanwhile.
        if (!hub.stop.signal.aborted) return readerCreate(hub, key, wake);
        if (hubs.get(key) === hub) hubs.delete(key);
      }
    },
  };
}

import type { Logger } from 'pino';
import type { Metrics } from '../base/metrics.ts';
import { type Places, placesCreate } from '../base/places.ts';
import type { Clock } from '../base/system.ts';
import {
  type DatabaseLocation,
  type DatabaseSession,
  type Db,
  REQUEST_PATIENCE_MS,
  databaseSessionCreate,
} from '../db/database.ts';
import { EVENT_CHANNEL, followersNotice } from '../reconciler/work-signal.ts';
import { type LastingAccess, type LastingCaller, accessRead, callerKey } from './access.ts';
import type { EventPosition } from './position.ts';
import {
  type EventNotice,
  type EventRow,
  eventNoticesRead,
  eventsEnd,
  oldestTransactionRead,
} from './store.ts';

/** Which events wake a subscription: all of an org, or those about one object. */
interface EventFilter {
  orgId: number;
  kind?: string;
  objectId?: number;
  /** The subscriber follows something, and does not wait for the object to settle. */
  isFollower?: true;
}

/** Why a subscription stopped waiting. */
export type Wake = 'changed' | 'timeout' | 'access_ended' | 'stopping';

export interface Subscription {
  /**
   * Waits for an event since the last call, or since the subscription began.
   * @param timeoutMs how long to wait at most, in milliseconds.
   */
  next(timeoutMs: number): Promise<Wake>;
  /** Why it has ended; null if it has not. */
  ended(): Wake | null;
  /** Ends a wait, as an event does. */
  wake(): void;
  /**
   * The events of the org since the last call, in their order; for who follows all of an org.
   * @returns null if they are not at hand, as at the beginning: they must be read from the table, to their end.
   */
  eventsTake(): readonly EventRow[] | null;
  /** What its caller may do, as last read. */
  access(): LastingAccess;
  close(): void;
}

/**
 * The one reader of events in a process. It wakes requests that follow events or wait for an object, and ends them when
 * their caller's access ends. While nothing is subscribed it neither listens nor reads.
 */
export interface EventFeed {
  /** @throws an error of the database if it can't be reached. */
  subscribe(
    filter: EventFilter,
    caller: LastingCaller,
    access: LastingAccess,
  ): Promise<Subscription>;
  /** What this process does for requests that last: how many there may be is counted here. */
  places: Places;
  /** How many requests wait for an object. */
  waiters(): number;
  /** How many streams there are of each org that has any. */
  followersByOrg(): Map<number, number>;
  /** Ends every subscription, and all that follow. */
  close(): void;
}

/** How often the feed is read although no process has announced anything, in milliseconds. */
const POLL_EVERY_MS = 1000;
/** How often the access of subscribers is read, in milliseconds. */
const ACCESS_EVERY_MS = 1000;
const READ_ROWS = 200;
/** Who is behind by more events than that reads them from the table. */
const KEPT_EVENTS = 50;
const HELD_BACK_FIRST_MS = 2;
const HELD_BACK_MAX_MS = 250;
/** From here on, a transaction that holds events back is reported. */
const HELD_BACK_REPORT_SECONDS = 10;
const REPORT_EVERY_MS = 60_000;

interface Subscriber {
  filter: EventFilter;
  caller: LastingCaller;
  access: LastingAccess;
  isChanged: boolean;
  /** Events of the org that it has not taken. Null if there are more of them. */
  events: EventRow[] | null;
  ended: Wake | null;
  wake: (() => void) | null;
}

export function eventFeedCreate(deps: {
  db: Db;
  location: DatabaseLocation;
  clock: Clock;
  log: Logger;
  metrics: Pick<Metrics, 'databaseStatements'>;
}): EventFeed {
  const { db, clock, log, metrics } = deps;
  const subscribers = new Set<Subscriber>();
  /** What is announced on this connection is read on it, too: its process is awake then. */
  let listener: DatabaseSession | null = null;
  let opening: Promise<void> | null = null;
  let after: EventPosition = { position: '0', id: 0 };
  let pollTimer: NodeJS.Timeout | undefined;
  let accessTimer: NodeJS.Timeout | undefined;
  let heldBackMs = HELD_BACK_FIRST_MS;
  let reportedAt = 0;
  let isReading = false;
  let isReadWanted = false;
  let isClosed = false;

  function subscriberWake(subscriber: Subscriber, ended: Wake | null): void {
    if (ended !== null) subscriber.ended ??= ended;
    else subscriber.isChanged = true;
    subscriber.wake?.();
  }

  /**
   * @param committed also those that are not final yet. A request that waits for an object reads its row, so that the
   * order of events is nothing to it.
   */
  function dispatch(final: readonly EventNotice[], committed: readonly EventNotice[]): void {
    if (committed.length === 0) return;
    const byOrg = Map.groupBy(final, ({ org_id }) => org_id);
    const objects = new Set(committed.map((notice) => `${notice.object_kind} ${notice.object_id}`));
    for (const subscriber of subscribers) {
      const { orgId, kind, objectId } = subscriber.filter;
      const ofOrg = kind === undefined ? byOrg.get(orgId) : undefined;
      if (ofOrg !== undefined) eventsKeep(subscriber, ofOrg);
      if (ofOrg !== undefined || objects.has(`${kind} ${objectId}`)) {
        subscriberWake(subscriber, null);
      }
    }
  }

  function eventsKeep(subscriber: Subscriber, notices: readonly EventNotice[]): void {
    const events = notices.map(({ event }) => event).filter((event) => event !== null);
    const kept = subscriber.events === null ? null : [...subscriber.events, ...events];
    // Without the whole event if the subscription began while the feed was being read.
    const isWhole = events.length === notices.length;
    subscriber.events = kept !== null && isWhole && kept.length <= KEPT_EVENTS ? kept : null;
  }

  function schedule(delayMs: number): void {
    clearTimeout(pollTimer);
    if (subscribers.size > 0) pollTimer = setTimeout(wake, delayMs);
  }

  async function read(): Promise<void> {
    // The connection was lost while something was subscribed.
    listener ??= await listen();
    const followers = [...subscribers].filter(({ filter }) => filter.kind === undefined);
    const { final, committed, heldBackSeconds } = await eventNoticesRead(
      listener.db,
      after,
      READ_ROWS,
      [...new Set(followers.map(({ filter }) => filter.orgId))],
    );
    const last = final.at(-1);
    if (last !== undefined) after = { position: last.position, id: last.id };
    dispatch(final, committed);
    if (final.length === READ_ROWS) isReadWanted = true;
    if (heldBackSeconds === null) {
      heldBackMs = HELD_BACK_FIRST_MS;
      return schedule(POLL_EVERY_MS);
    }
    if (heldBackSeconds > HELD_BACK_REPORT_SECONDS) await report(heldBackSeconds);
    schedule(heldBackMs);
    heldBackMs = Math.min(heldBackMs * 2, HELD_BACK_MAX_MS);
  }

  async function report(seconds: number): Promise<void> {
    const now = clock.now().getTime();
    if (now - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = now;
    const transaction = await oldestTransactionRead(db);
    log.warn({ seconds, transaction }, 'an open transaction holds events back: end it');
  }

  /** One read at a time. A wake-up during a read starts another one. */
  function wake(): void {
    isReadWanted = true;
    if (isReading || subscribers.size === 0) return;
    isReading = true;
    void (async () => {
      while (isReadWanted && subscribers.size > 0) {
        isReadWanted = false;
        try {
          await read();
        } catch {
          // The database is away. Subscribers find out by themselves; the feed reads on when it is back.
          unlisten();
          schedule(POLL_EVERY_MS);
        }
      }
      isReading = false;
    })();
  }

  /** Others than those of `followersNotice` say that there are new events. */
  function notified(payload: string): void {
    if (!payload.includes(' ')) return wake();
    for (const subscriber of subscribers) {
      const { kind = '', objectId = 0, isFollower = false } = subscriber.filter;
      if (isFollower && followersNotice(kind, objectId) === payload) {
        subscriberWake(subscriber, null);
      }
    }
  }

  async function accessCheck(): Promise<void> {
    const callers = [...subscribers];
    if (callers.length > 0) {
      try {
        const found = await accessRead(
          db,
          callers.map(({ caller }) => caller),
          clock.now(),
        );
        for (const subscriber of callers) {
          const access = found.get(callerKey(subscriber.caller));
          if (access === undefined) subscriberWake(subscriber, 'access_ended');
          else subscriber.access = access;
        }
      } catch {
        // Unknown is not ended: the next check decides.
      }
    }
    if (subscribers.size > 0) {
      accessTimer = setTimeout(() => void accessCheck(), ACCESS_EVERY_MS);
    }
  }

  async function listen(): Promise<DatabaseSession> {
    const session = databaseSessionCreate(deps.location, {
      applicationName: 'dollarbox-events',
      patienceMs: REQUEST_PATIENCE_MS,
      onStatement: () => metrics.databaseStatements.inc(),
    });
    const { client } = session;
    const lost = () => {
      if (listener === session) listener = null;
    };
    client.on('error', lost);
    client.on('end', lost);
    client.on('notification', ({ payload = '' }) => notified(payload));
    try {
      await client.connect();
      await client.query(`listen ${EVENT_CHANNEL}`);
      return session;
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }

  function unlisten(): void {
    const session = listener;
    listener = null;
    void session?.client.end().catch(() => undefined);
  }

  /** Starts reading at the present end of the feed. */
  async function open(): Promise<void> {
    listener ??= await listen();
    // Subscribers that were here before must not miss anything.
    if (subscribers.size === 0) after = await eventsEnd(db);
  }

  function idle(): void {
    if (subscribers.size > 0) return;
    clearTimeout(pollTimer);
    clearTimeout(accessTimer);
    unlisten();
  }

  return {
    async subscribe(filter, caller, access) {
      opening ??= open().finally(() => (opening = null));
      await opening;
      const subscriber: Subscriber = {
        ...{ filter, caller, access },
        isChanged: false,
        events: null,
        ended: isClosed ? 'stopping' : null,
        wake: null,
      };
      subscribers.add(subscriber);
      if (subscribers.size === 1) {
        schedule(POLL_EVERY_MS);
        accessTimer = setTimeout(() => void accessCheck(), ACCESS_EVERY_MS);
      }
      return {
        async next(timeoutMs) {
          if (subscriber.ended === null && !subscriber.isChanged) {
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, timeoutMs);
              subscriber.wake = () => {
                clearTimeout(timer);
                resolve();
              };
            });
            subscriber.wake = null;
          }
          if (subscriber.ended !== null) return subscriber.ended;
          const { isChanged } = subscriber;
          subscriber.isChanged = false;
          return isChanged ? 'changed' : 'timeout';
        },
        ended: () => subscriber.ended,
        wake: () => subscriberWake(subscriber, null),
        eventsTake() {
          const { events } = subscriber;
          subscriber.events = [];
          return events;
        },
        access: () => subscriber.access,
        close() {
          subscribers.delete(subscriber);
          subscriberWake(subscriber, 'stopping');
          idle();
        },
      };
    },
    places: placesCreate(),
    waiters: () =>
      [...subscribers].filter(({ filter }) => filter.kind !== undefined && !filter.isFollower)
        .length,
    followersByOrg() {
      const counts = new Map<number, number>();
      for (const { filter } of subscribers) {
        if (filter.kind !== undefined && !filter.isFollower) continue;
        counts.set(filter.orgId, (counts.get(filter.orgId) ?? 0) + 1);
      }
      return counts;
    },
    close() {
      isClosed = true;
      for (const subscriber of subscribers) subscriberWake(subscriber, 'stopping');
    },
  };
}

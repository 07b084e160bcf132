import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Random } from '../base/system.ts';

/** The channel on which processes notify each other that something is due. */
export const WORK_CHANNEL = 'dollarbox_work';

/** The channel on which processes notify each other that there are new events. */
export const EVENT_CHANNEL = 'dollarbox_events';

/** What is sent on the channel of events when an object has something new for its followers that is no event. */
export function followersNotice(kind: string, id: number): string {
  return `${kind} ${id}`;
}

/** Signals that something has become due: at once in this process, shortly after in the others. */
export interface WorkSignal {
  notify(): void;
  /** Calls `listener` when this process or another one has something due. */
  subscribe(listener: () => void): () => void;
  /**
   * Handles a notification from the channel.
   * @param from the sender. Listeners already know what this process sent itself.
   */
  receive(from?: string): void;
}

/** The interval between notifications while there is something new to send all the time, in milliseconds. */
const NOTIFY_EVERY_MS = 5;

/**
 * A signal over NOTIFY. It is sent after the writing transaction, not in it: pending notifications make commits wait
 * for each other. The first signal is sent at once; those that follow shortly after are combined into one.
 */
export function workSignalCreate(
  db: Db,
  random: Random,
  channel: string = WORK_CHANNEL,
): WorkSignal {
  const self = random.uuid();
  const listeners = new Set<() => void>();
  let isSending = false;
  let isWanted = false;

  async function send(): Promise<void> {
    isSending = true;
    while (isWanted) {
      isWanted = false;
      try {
        await sql`select pg_notify(${channel}, ${self})`.execute(db);
      } catch {
        // A hint was lost: the other processes find the work when they look for what is due.
      }
      await delay(NOTIFY_EVERY_MS);
    }
    isSending = false;
  }

  function tell(): void {
    for (const listener of listeners) listener();
  }

  return {
    receive(from) {
      if (from !== self) tell();
    },
    notify() {
      tell();
      isWanted = true;
      if (!isSending) void send();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

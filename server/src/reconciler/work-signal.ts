import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Random } from '../deps.ts';

/** The channel on which copies tell each other that something is due. */
export const WORK_CHANNEL = 'dollarbox_work';

/** Says that something has become due: at once in this process, soon in the others. */
export interface WorkSignal {
  notify(): void;
  /** Calls `listener` when another copy, or this one, has something due. */
  subscribe(listener: () => void): () => void;
  /**
   * For what was heard on the channel.
   * @param from who said it: what this copy said itself its listeners know already.
   */
  receive(from?: string): void;
}

/** While copies are told one thing after the other, they are told this often, in milliseconds. */
const NOTIFY_EVERY_MS = 5;

/**
 * A signal over NOTIFY. Sent after the writing transaction, not in it: pending notifications make
 * commits wait for each other. The first signal is sent at once, those that come soon after become one.
 */
export function workSignalCreate(db: Db, random: Random): WorkSignal {
  const self = random.uuid();
  const listeners = new Set<() => void>();
  let isSending = false;
  let isWanted = false;

  async function send(): Promise<void> {
    isSending = true;
    while (isWanted) {
      isWanted = false;
      try {
        await sql`select pg_notify(${WORK_CHANNEL}, ${self})`.execute(db);
      } catch {
        // A hint was lost: the others find the work when they look for what is due.
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

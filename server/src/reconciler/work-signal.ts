import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** The channel on which copies tell each other that something is due. */
export const WORK_CHANNEL = 'dollarbox_work';

/** Says that something has become due: at once in this process, soon in the others. */
export interface WorkSignal {
  notify(): void;
  /** Calls `listener` when another copy, or this one, has something due. */
  subscribe(listener: () => void): () => void;
  /** For what another copy said. */
  receive(): void;
}

/**
 * A signal over NOTIFY. Sent after the writing transaction, not in it: pending notifications make
 * commits wait for each other. Signals that come while one is being sent become one.
 */
export function workSignalCreate(db: Db): WorkSignal {
  const listeners = new Set<() => void>();
  let isSending = false;
  let isWanted = false;

  async function send(): Promise<void> {
    isSending = true;
    while (isWanted) {
      isWanted = false;
      try {
        await sql`select pg_notify(${WORK_CHANNEL}, '')`.execute(db);
      } catch {
        // A hint was lost: the others find the work when they look for what is due.
      }
    }
    isSending = false;
  }

  function receive(): void {
    for (const listener of listeners) listener();
  }

  return {
    receive,
    notify() {
      receive();
      isWanted = true;
      if (!isSending) void send();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

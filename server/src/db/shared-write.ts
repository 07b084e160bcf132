import pg from 'pg';
import { type Db, isDatabaseUnavailable } from './database.ts';

/** The maximum number of writes in one statement. */
const MAX_TOGETHER = 50;

interface Waiter<Item, Result> {
  item: Item;
  resolve(result: Result | null): void;
  reject(error: unknown): void;
}

interface Queue<Item, Result> {
  waiting: Waiter<Item, Result>[];
  isRunning: boolean;
}

/**
 * Creates a write that shares its statement, and its flush to the disk, with all writes requested while the previous
 * ones are under way. Writes that can't be done together are omitted: null means that a write was not done and must be
 * tried alone.
 * @param write does many writes in one statement. It must not wait for locks, or one write would hold up the others.
 * Its results are in the order of the items.
 */
export function sharedWrite<Item, Result>(
  write: (db: Db, items: readonly Item[]) => Promise<(Result | null)[]>,
): (db: Db, item: Item) => Promise<Result | null> {
  const queues = new WeakMap<Db, Queue<Item, Result>>();

  async function send(db: Db, waiters: readonly Waiter<Item, Result>[]): Promise<void> {
    try {
      const results = await write(
        db,
        waiters.map(({ item }) => item),
      );
      for (const [index, { resolve }] of waiters.entries()) resolve(results[index] ?? null);
    } catch (error) {
      for (const { resolve, reject } of waiters) {
        if (isUndone(error)) resolve(null);
        else reject(error);
      }
    }
  }

  async function run(db: Db, queue: Queue<Item, Result>): Promise<void> {
    queue.isRunning = true;
    while (queue.waiting.length > 0) await send(db, queue.waiting.splice(0, MAX_TOGETHER));
    queue.isRunning = false;
  }

  return (db, item) =>
    new Promise((resolve, reject) => {
      const queue = queues.get(db) ?? { waiting: [], isRunning: false };
      queues.set(db, queue);
      queue.waiting.push({ item, resolve, reject });
      // Writes requested in this turn of the event loop go together.
      if (!queue.isRunning && queue.waiting.length === 1) setImmediate(() => void run(db, queue));
    });
}

/** The database refused the whole statement: nothing was written, and each write may succeed alone. */
function isUndone(error: unknown): boolean {
  return error instanceof pg.DatabaseError && !isDatabaseUnavailable(error);
}

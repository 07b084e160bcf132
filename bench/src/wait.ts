import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `look` returns something other than false, null or undefined, and returns it. */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | null | undefined>,
  { timeoutMs = 120_000, pollMs = 20 } = {},
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await delay(pollMs);
  }
}

/**
 * Does `work` for every item, `parallel` at a time.
 * @returns the results in the items' order.
 * @throws the first error, after everything that was started has ended.
 */
export async function inParallel<Item, T>(
  items: readonly Item[],
  parallel: number,
  work: (item: Item) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  const rest = items.entries();
  const lanes = Array.from({ length: parallel }, async () => {
    for (const [index, item] of rest) results[index] = await work(item);
  });
  for (const lane of await Promise.allSettled(lanes)) {
    if (lane.status === 'rejected') throw lane.reason;
  }
  return results;
}

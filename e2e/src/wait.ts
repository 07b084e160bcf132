import { setTimeout as delay } from 'node:timers/promises';

/** Longer than any state takes to arrive, even on a slow, busy machine. */
export const WAIT_MS = 300_000;

/** Waits until `look` returns a truthy value, and returns it. If `look` throws, it is called again. */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | null | undefined>,
): Promise<T> {
  const end = performance.now() + WAIT_MS;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== false && found !== null && found !== undefined) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new Error(`${what}: not within ${WAIT_MS / 1000} s`, { cause: last });
    }
    await delay(50);
  }
}

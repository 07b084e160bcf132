import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `look` gives something that is true, and returns it. A look that throws is not it yet. */
export async function until<T>(
  what: string,
  look: () => Promise<T | false | null | undefined>,
  timeoutMs = 45_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
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
      throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause: last });
    }
    await delay(50);
  }
}

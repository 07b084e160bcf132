import { setTimeout as delay } from 'node:timers/promises';

const POLL_FIRST_MS = 20;
const POLL_LAST_MS = 500;

/** Asks until the answer is neither null, undefined nor false. @throws what `probe` throws, or the signal's reason. */
export async function poll<T>(
  signal: AbortSignal,
  probe: () => Promise<T | null | undefined | false>,
): Promise<T> {
  for (let waitMs = POLL_FIRST_MS; ; waitMs = Math.min(waitMs * 1.5, POLL_LAST_MS)) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found;
    await delay(waitMs, undefined, { signal });
  }
}

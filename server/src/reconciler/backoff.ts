import type { Random } from '../base/system.ts';

const FIRST_DELAY_MS = 2000;
const MAX_DELAY_MS = 60_000;
const RARE_DELAY_MS = 300_000;

/**
 * How long to wait after the n-th failure in a row, in milliseconds: two seconds, doubling up to a minute, or five
 * minutes if it is tried rarely, as when a retry is not expected to help. Half of the delay is random, so that objects that failed together do not
 * retry together. Even at its shortest, six attempts fall into the first minute, and no two into one second.
 */
export function retryDelayMs(failures: number, isRare: boolean, random: Random): number {
  const full = isRare
    ? RARE_DELAY_MS
    : Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20), MAX_DELAY_MS);
  return Math.ceil(full / 2 + (full / 2) * random.fraction());
}

import type { Random } from '../deps.ts';

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 60_000;
const PERMANENT_DELAY_MS = 300_000;

/**
 * How long to wait after the n-th failure in a row, in milliseconds: half a second, doubling to a
 * minute; five minutes when trying again is not expected to help. Half of it is chance, so that what
 * failed together does not come back together.
 */
export function retryDelayMs(failures: number, isPermanent: boolean, random: Random): number {
  const full = isPermanent
    ? PERMANENT_DELAY_MS
    : Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 20), MAX_DELAY_MS);
  return Math.ceil(full / 2 + (full / 2) * random.fraction());
}

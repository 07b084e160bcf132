const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 300_000;
const CRASH_LOOP_EXITS = 3;
const CRASH_LOOP_WINDOW_MS = 600_000;
export const REMEMBERED_EXITS = 12;

/** How long to wait before the restart after the `count`-th exit in a row: 1 s, doubling to 5 min. */
export function restartDelayMs(count: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, count - 1), MAX_DELAY_MS);
}

/**
 * Whether three exits since the process was last stable lie within ten minutes. If so, that remains true until the
 * exits are forgotten, even if later exits are further apart.
 */
export function isCrashLoop(exitTimes: readonly Date[]): boolean {
  return exitTimes.some((first, index) => {
    const third = exitTimes[index + CRASH_LOOP_EXITS - 1];
    return third !== undefined && third.getTime() - first.getTime() <= CRASH_LOOP_WINDOW_MS;
  });
}

/**
 * Adds an exit. Beyond the limit one from the middle is dropped: the first ones show the loop, the count sets the
 * delay.
 */
export function exitTimesAdd(exitTimes: readonly Date[], now: Date): Date[] {
  const all = [...exitTimes, now];
  return all.length > REMEMBERED_EXITS ? all.toSpliced(CRASH_LOOP_EXITS, 1) : all;
}

const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 300_000;
const CRASH_LOOP_EXITS = 3;
const CRASH_LOOP_WINDOW_MS = 600_000;
const REMEMBERED_EXITS = 12;

/** How long to wait before the restart after the `count`-th exit in a row: 1 s, doubling to 5 min. */
export function restartDelayMs(count: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, count - 1), MAX_DELAY_MS);
}

/**
 * Whether three exits since the process was last stable lie within ten minutes. Once so, it stays so
 * until the exits are forgotten, though later ones lie further apart.
 */
export function isCrashLoop(exitTimes: readonly Date[]): boolean {
  return exitTimes.some((first, index) => {
    const third = exitTimes[index + CRASH_LOOP_EXITS - 1];
    return third !== undefined && third.getTime() - first.getTime() <= CRASH_LOOP_WINDOW_MS;
  });
}

/** One more exit. Past the bound one from the middle goes: the first show the loop, the count the delay. */
export function exitTimesAdd(exitTimes: readonly Date[], now: Date): Date[] {
  const all = [...exitTimes, now];
  return all.length > REMEMBERED_EXITS ? all.toSpliced(CRASH_LOOP_EXITS, 1) : all;
}

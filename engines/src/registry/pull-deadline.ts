/** How long a pull may take: it ends after a time without progress, and after an hour at the latest. */
const PROGRESS_BYTES = 1024 * 1024;
const PULL_MAX_MS = 3_600_000;

export interface PullDeadline {
  /** Aborts when the pull has exceeded its time. */
  signal: AbortSignal;
  /** When enough had been received to restart the time limit; null until then. */
  progressAt(): Date | null;
  /** Counts received bytes. */
  received(bytes: number): void;
  close(): void;
}

/** @param idleMs counted from the start, and again from each MiB received. */
export function pullDeadlineCreate(idleMs: number, now: () => Date): PullDeadline {
  const late = new AbortController();
  const abort = () => late.abort();
  let idle = setTimeout(abort, idleMs);
  const whole = setTimeout(abort, PULL_MAX_MS);
  let uncounted = 0;
  let progressAt: Date | null = null;
  return {
    signal: late.signal,
    progressAt: () => progressAt,
    received(bytes) {
      uncounted += bytes;
      if (uncounted < PROGRESS_BYTES) return;
      uncounted %= PROGRESS_BYTES;
      progressAt = now();
      clearTimeout(idle);
      idle = setTimeout(abort, idleMs);
    },
    close() {
      clearTimeout(idle);
      clearTimeout(whole);
    },
  };
}

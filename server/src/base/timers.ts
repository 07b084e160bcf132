/** Timers, so that a simulation can use virtual time. */
export interface Timers {
  /** Calls `work` once, in `delayMs` milliseconds. Returns a function that cancels this. */
  after(delayMs: number, work: () => void): () => void;
}

export const systemTimers: Timers = {
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs);
    return () => clearTimeout(timer);
  },
};

/** In how many parts a time passes that counts only while this process runs. */
const RUNNING_PARTS = 20;

/**
 * Calls `work` when this process has been running for `delayMs` milliseconds. A time in which it was suspended, or had no
 * processor, counts as a small part of that, so that whatever has arrived meanwhile is read before. It does not keep the
 * process alive.
 * @returns a function that cancels this.
 */
export function afterRunning(delayMs: number, work: () => void): () => void {
  let left = RUNNING_PARTS;
  let timer = setTimeout(part, delayMs / RUNNING_PARTS).unref();
  function part(): void {
    left -= 1;
    if (left === 0) work();
    else timer = setTimeout(part, delayMs / RUNNING_PARTS).unref();
  }
  return () => clearTimeout(timer);
}

/** Calls `work` periodically, first after one interval. Returns a function that stops this. */
export function every(timers: Timers, intervalMs: number, work: () => void): () => void {
  let cancel = timers.after(intervalMs, tick);
  function tick(): void {
    cancel = timers.after(intervalMs, tick);
    work();
  }
  return () => cancel();
}

/** Resolves after `delayMs` milliseconds, or at once when `signal` aborts. */
export function pause(timers: Timers, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = timers.after(delayMs, done);
    function done(): void {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

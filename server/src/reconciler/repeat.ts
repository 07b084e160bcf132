import type { ReconcileDeps } from './deps.ts';
import { type Timers, pause } from '../base/timers.ts';

/** Runs a task immediately and then periodically until aborted. A failure is logged, and the task is retried. */
export async function repeat(
  deps: Pick<ReconcileDeps, 'log'>,
  timers: Timers,
  signal: AbortSignal,
  name: string,
  everyMs: number,
  task: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await task();
    } catch (error) {
      deps.log.warn({ err: error, task: name }, 'a periodic task failed and is tried again');
    }
    await pause(timers, everyMs, signal);
  }
}

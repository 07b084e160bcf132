import type { ReconcileDeps } from '../deps.ts';
import { type Timers, pause } from './timers.ts';

/** Runs a task now and then every so often, until aborted; a failure is logged and tried again. */
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

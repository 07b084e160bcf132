import type { ReconcileDeps } from './deps.ts';
import { engineWatch } from './engine-watch.ts';
import type { Kind } from './kind.ts';
import { repeat } from './repeat.ts';
import { systemTimers } from '../base/timers.ts';

export interface EngineMonitor {
  stop(): Promise<void>;
}

/** A task that runs periodically, apart from the turns of objects. A failure is logged, and the task is retried. */
export interface PeriodicTask {
  name: string;
  everyMs: number;
  run(): Promise<void>;
  /**
   * A stop does not wait for this task: whatever the task waits for ends with the engine, which is closed after the
   * stop.
   */
  isLeftAtStop?: boolean;
}

/**
 * Watches the engine, apart from the loop, and runs the periodic tasks.
 * @param tasksCreate called with a signal that aborts at the stop.
 */
export function engineMonitorStart(
  deps: ReconcileDeps,
  kinds: readonly Kind[],
  tasksCreate: (signal: AbortSignal) => readonly PeriodicTask[],
): EngineMonitor {
  const abort = new AbortController();
  const { signal } = abort;
  const running = [engineWatch(deps, kinds, signal)];
  for (const { name, everyMs, run, isLeftAtStop = false } of tasksCreate(signal)) {
    const repeated = repeat(deps, systemTimers, signal, name, everyMs, run);
    if (!isLeftAtStop) running.push(repeated);
  }
  return {
    async stop() {
      abort.abort();
      await Promise.allSettled(running);
    },
  };
}

import { containerSweep, imageSweep, tenantSweep } from '../containers/sweep.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { keptSince } from '../http/idempotency.ts';
import { installationUpdate } from '../installation/store.ts';

const PING_EVERY_MS = 2000;
const SWEEP_EVERY_MS = 30_000;
const COLLECT_EVERY_MS = 600_000;
/** Silent for this long, what the engine runs is not known any more. */
const UNKNOWN_AFTER_MS = 10_000;
const STORAGE_LOW_BYTES = 2 * 1024 ** 3;

export interface EngineMonitor {
  stop(): Promise<void>;
}

/**
 * Watches over the engine, apart from the loop: whether it answers, whether it agrees with the table,
 * whether it has room. What it finds is recorded where the API shows it.
 */
export function engineMonitorStart(deps: ReconcilerDeps): EngineMonitor {
  const abort = new AbortController();
  const tasks = [
    changesFollow(deps, abort.signal),
    repeat(deps, abort.signal, 'ping', PING_EVERY_MS, pinger(deps)),
    repeat(deps, abort.signal, 'sweep', SWEEP_EVERY_MS, () => engineSweep(deps)),
    repeat(deps, abort.signal, 'collect', COLLECT_EVERY_MS, () => collect(deps)),
  ];
  return {
    async stop() {
      abort.abort();
      await Promise.allSettled(tasks);
    },
  };
}

/** Hints from the engine make objects due. */
async function changesFollow(deps: ReconcilerDeps, signal: AbortSignal): Promise<void> {
  for await (const change of deps.engine.changes(signal)) {
    try {
      await deps.store.workWake(change.kind, change.id, deps.clock.now());
      deps.signal.notify();
    } catch (error) {
      // A lost hint: the sweep finds what it would have told.
      deps.log.debug({ err: error }, 'a hint of the engine was lost');
    }
  }
}

/** Tells rows when the engine has fallen silent, and has everything looked at when it is back. */
function pinger(deps: ReconcilerDeps): () => Promise<void> {
  let silentSince: Date | null = null;
  let isTold = false;
  return async () => {
    try {
      await deps.engine.ping();
    } catch (error) {
      const now = deps.clock.now();
      if (silentSince === null) deps.log.error({ err: error }, 'the engine does not answer');
      silentSince ??= now;
      deps.metrics.engineUp.set(0);
      if (!isTold && now.getTime() - silentSince.getTime() >= UNKNOWN_AFTER_MS) {
        // A status never lies: of what was running we no longer know.
        await deps.store.containersMarkUnknown(
          `The engine has not answered since ${silentSince.toISOString()}: whether this container still runs is not known.`,
        );
        isTold = true;
      }
      return;
    }
    deps.metrics.engineUp.set(1);
    if (silentSince === null) return;
    deps.log.info('the engine answers again');
    silentSince = null;
    isTold = false;
    await deps.store.containersWakeUnknown(deps.clock.now());
    deps.signal.notify();
    await engineSweep(deps);
  };
}

async function engineSweep(deps: ReconcilerDeps): Promise<void> {
  const end = deps.metrics.sweepDuration.startTimer();
  await containerSweep(deps);
  await tenantSweep(deps);
  const { storageFreeBytes } = await deps.engine.capacity();
  if (storageFreeBytes !== null) {
    deps.metrics.storageFreeBytes.set(storageFreeBytes);
    await installationUpdate(deps.db, { storage_low: storageFreeBytes < STORAGE_LOW_BYTES });
  }
  end();
}

async function collect(deps: ReconcilerDeps): Promise<void> {
  await imageSweep(deps);
  await deps.db
    .deleteFrom('idempotency_keys')
    .where('created_at', '<', keptSince(deps.clock.now()))
    .execute();
}

/** Runs a task now and then every so often, until aborted; a failure is logged and tried again. */
async function repeat(
  deps: ReconcilerDeps,
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
    await pause(everyMs, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
  });
}

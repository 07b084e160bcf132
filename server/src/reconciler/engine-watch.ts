import { containerSweep, tenantSweep } from '../containers/sweep.ts';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import { volumeSweeper } from '../volumes/sweep.ts';
import { repeat } from './repeat.ts';
import { type Timers, systemTimers } from './timers.ts';

const PING_EVERY_MS = 2000;
const SWEEP_EVERY_MS = 30_000;
/** Silent for this long, what the engine runs is not known any more. */
const UNKNOWN_AFTER_MS = 10_000;

/**
 * Keeps the table true to the engine, apart from the loop, until `signal` aborts: hears its hints,
 * notices when it falls silent and when it is back, and compares all of it with the table.
 */
export async function engineWatch(
  deps: ReconcileDeps,
  signal: AbortSignal,
  timers: Timers = systemTimers,
): Promise<void> {
  const sweep = engineSweeper(deps);
  await Promise.all([
    changesFollow(deps, signal, sweep),
    repeat(deps, timers, signal, 'ping', PING_EVERY_MS, pinger(deps, sweep)),
    repeat(deps, timers, signal, 'sweep', SWEEP_EVERY_MS, sweep),
  ]);
}

/** Hints from the engine make objects due. What happened while it could not be heard, a sweep finds. */
async function changesFollow(
  deps: ReconcileDeps,
  signal: AbortSignal,
  sweep: () => Promise<void>,
): Promise<void> {
  let swept = Promise.resolve();
  const onGap = (): void => {
    swept = swept.then(sweep).catch((error: unknown) => {
      deps.log.warn({ err: error }, 'the sweep after a gap in the hints failed');
    });
  };
  for await (const change of deps.engine.changes(signal, onGap)) {
    try {
      failpoint('hint.before');
      const now = deps.clock.now();
      if (change.ended === undefined) await deps.store.workWake(change.kind, change.id, now);
      else await deps.store.containerMarkEnded(change.id, change.ended, now);
      deps.signal.notify();
    } catch (error) {
      // A lost hint: the sweep finds what it would have told.
      deps.log.debug({ err: error }, 'a hint of the engine was lost');
    }
  }
  await swept;
}

/** Tells rows when the engine has fallen silent, and has everything looked at when it is back. */
function pinger(deps: ReconcileDeps, sweep: () => Promise<void>): () => Promise<void> {
  let silentSince: Date | null = null;
  let isTold = false;
  return async () => {
    const asked = deps.clock.now();
    try {
      await deps.engine.ping();
    } catch (error) {
      const now = deps.clock.now();
      if (silentSince === null) deps.log.error({ err: error }, 'the engine does not answer');
      silentSince ??= asked;
      deps.metrics.engineUp.set(0);
      if (!isTold && now.getTime() - silentSince.getTime() >= UNKNOWN_AFTER_MS) {
        // A status never lies: of what was running we no longer know.
        const since = `The engine has not answered since ${silentSince.toISOString()}`;
        await deps.store.containersMarkUnknown(
          `${since}: whether this container still runs is not known.`,
        );
        await deps.store.volumesMarkUnknown(
          `${since}: whether this volume is in order is not known.`,
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
    await deps.store.volumesWakeUnknown(deps.clock.now());
    deps.signal.notify();
    await sweep();
  };
}

function engineSweeper(deps: ReconcileDeps): () => Promise<void> {
  const volumeSweep = volumeSweeper(deps);
  return async () => {
    const end = deps.metrics.sweepDuration.startTimer();
    await containerSweep(deps);
    await volumeSweep();
    await tenantSweep(deps);
    end();
  };
}

import type { ReconcileDeps } from './deps.ts';
import { failpoint } from '../base/failpoints.ts';
import type { Kind } from './kind.ts';
import { repeat } from './repeat.ts';
import { type Timers, systemTimers } from '../base/timers.ts';

const PING_EVERY_MS = 2000;
const SWEEP_EVERY_MS = 30_000;
/** After this much silence, the state of what the engine runs is unknown. */
const UNKNOWN_AFTER_MS = 10_000;

/**
 * Keeps the table consistent with the engine, apart from the loop, until `signal` aborts. It listens to the engine's
 * hints, notices when the engine falls silent and when it is back, and compares everything on it with the table.
 */
export async function engineWatch(
  deps: ReconcileDeps,
  kinds: readonly Kind[],
  signal: AbortSignal,
  timers: Timers = systemTimers,
): Promise<void> {
  const sweep = engineSweeper(deps, kinds);
  await Promise.all([
    changesFollow(deps, kinds, signal, sweep),
    repeat(deps, timers, signal, 'ping', PING_EVERY_MS, pinger(deps, kinds, sweep)),
    repeat(deps, timers, signal, 'sweep', SWEEP_EVERY_MS, sweep),
  ]);
}

/** Makes objects due on hints from the engine. A sweep finds what happened while no hints could be received. */
async function changesFollow(
  deps: ReconcileDeps,
  kinds: readonly Kind[],
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
      const markEnded = kinds.find(({ kind }) => kind === change.kind)?.markEnded;
      if (change.ended === undefined || markEnded === undefined) {
        await deps.store.workHint(change.kind, change.id, now);
      } else {
        await markEnded(change.id, change.ended, now);
      }
      deps.signal.notify();
    } catch (error) {
      // A lost hint: the sweep finds what it would have reported.
      deps.log.debug({ err: error }, 'a hint of the engine was lost');
    }
  }
  await swept;
}

/** Records that the engine has fallen silent, and makes everything due when it answers again. */
function pinger(
  deps: ReconcileDeps,
  kinds: readonly Kind[],
  sweep: () => Promise<void>,
): () => Promise<void> {
  let silentSince: Date | null = null;
  let isMarked = false;
  return async () => {
    const asked = deps.clock.now();
    try {
      await deps.engine.ping();
    } catch (error) {
      const now = deps.clock.now();
      if (silentSince === null) deps.log.error({ err: error }, 'the engine does not answer');
      silentSince ??= asked;
      deps.metrics.engineUp.set(0);
      if (!isMarked && now.getTime() - silentSince.getTime() >= UNKNOWN_AFTER_MS) {
        const since = `The engine has not answered since ${silentSince.toISOString()}`;
        for (const kind of kinds) await kind.markUnknown?.(since);
        isMarked = true;
      }
      return;
    }
    deps.metrics.engineUp.set(1);
    if (silentSince === null) return;
    deps.log.info('the engine answers again');
    for (const kind of kinds) await kind.wakeUnknown?.(silentSince, deps.clock.now());
    silentSince = null;
    isMarked = false;
    deps.signal.notify();
    await sweep();
  };
}

function engineSweeper(deps: ReconcileDeps, kinds: readonly Kind[]): () => Promise<void> {
  return async () => {
    const end = deps.metrics.sweepDuration.startTimer();
    for (const kind of kinds) await kind.sweep();
    end();
  };
}

import { attemptsPurge } from '../accounts/attempts.ts';
import { oneTimesPurge } from '../accounts/one-time.ts';
import { sessionsPurge } from '../accounts/session-store.ts';
import { auditPurge } from '../audit/store.ts';
import { imageSweep } from '../containers/sweep.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { keptReplyPurge } from '../http/idempotency.ts';
import { isolationKeeper, isolationProbe, isolationRecord } from '../installation/isolation.ts';
import { mailsPurge } from '../mail/outbox.ts';
import { installationUpdate } from '../installation/store.ts';
import { volumeMeasurer } from '../volumes/usage.ts';
import { engineWatch } from './engine-watch.ts';
import { repeat } from './repeat.ts';
import { systemTimers } from './timers.ts';

const CAPACITY_EVERY_MS = 30_000;
const IPV6_PREFIX_EVERY_MS = 30_000;
const COLLECT_EVERY_MS = 600_000;
const ISOLATION_EVERY_MS = 600_000;
const PURGE_EVERY_MS = 600_000;
const MEASURE_EVERY_MS = 300_000;
const STORAGE_LOW_BYTES = 2 * 1024 ** 3;

export interface EngineMonitor {
  stop(): Promise<void>;
}

/**
 * Watches over the engine, apart from the loop: whether it answers, whether it agrees with the table,
 * whether it has room. What it finds is recorded where the API shows it. Beside it, what is kept for a time only
 * goes from the database.
 */
export function engineMonitorStart(
  deps: ReconcilerDeps,
  progress: (text: string) => void,
): EngineMonitor {
  const abort = new AbortController();
  const { signal } = abort;
  const isolation = isolationKeeper(deps, progress);
  const tasks = [
    engineWatch(deps, signal),
    repeat(deps, systemTimers, signal, 'capacity', CAPACITY_EVERY_MS, capacityRecorder(deps)),
    repeat(deps, systemTimers, signal, 'ipv6 prefix', IPV6_PREFIX_EVERY_MS, deps.ipv6Prefix.follow),
    repeat(deps, systemTimers, signal, 'collect', COLLECT_EVERY_MS, () => imageSweep(deps)),
    repeat(deps, systemTimers, signal, 'purge', PURGE_EVERY_MS, () => purge(deps)),
    repeat(deps, systemTimers, signal, 'measure', MEASURE_EVERY_MS, volumeMeasurer(deps, signal)),
  ];
  // A probe under way is ended by the engine's close, which comes after the stop.
  void repeat(deps, systemTimers, signal, 'isolation', ISOLATION_EVERY_MS, isolation);
  return {
    async stop() {
      abort.abort();
      await Promise.allSettled(tasks);
    },
  };
}

/** @returns what records, each time it is called, the engine's room and what became of its isolation. */
export function capacityRecorder(deps: ReconcilerDeps): () => Promise<void> {
  let toldFault: string | null = null;
  return async () => {
    const { storageFreeBytes, isolationFault } = await deps.engine.capacity();
    if (isolationFault !== null) await isolationRecord(deps, 'unknown');
    if (isolationFault !== null && isolationFault !== toldFault) {
      deps.log.error({ fault: isolationFault }, 'orgs are not known to be kept apart any more');
    }
    const isMended = isolationFault === null && toldFault !== null;
    toldFault = isolationFault;
    if (storageFreeBytes !== null) {
      deps.metrics.storageFreeBytes.set(storageFreeBytes);
      await installationUpdate(deps.db, { storage_low: storageFreeBytes < STORAGE_LOW_BYTES });
    }
    if (isMended) await isolationProbe(deps, () => {});
  };
}

/** Removes from the database what is kept for a time only. */
async function purge({ db, clock }: ReconcilerDeps): Promise<void> {
  await keptReplyPurge(db, clock.now());
  await auditPurge(db, clock.now());
  await sessionsPurge(db, clock.now());
  await oneTimesPurge(db, clock.now());
  await attemptsPurge(db, clock.now());
  await mailsPurge(db, clock.now());
}

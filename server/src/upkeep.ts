// The register of periodic tasks that are independent of requests and turns.
import { attemptsPurge } from './accounts/attempts.ts';
import { clientLoginsPurge } from './accounts/client-login-store.ts';
import { oneTimesPurge } from './accounts/one-time.ts';
import { sessionsPurge } from './sessions/session-store.ts';
import { auditPurge } from './audit-log/store.ts';
import { imageSweep } from './containers/sweep.ts';
import type { Db } from './db/database.ts';
import type { ApiDeps } from './http/deps.ts';
import { eventsPurge } from './feed/store.ts';
import { keptReplyPurge } from './http/idempotency.ts';
import { addressKeeper } from './installation/addresses.ts';
import { capacityRecorder } from './installation/capacity.ts';
import type { Ipv6Prefix } from './installation/ipv6-prefix.ts';
import { isolationKeeper } from './installation/isolation.ts';
import { volumeStorageRecord } from './installation/volume-storage.ts';
import type { KindDeps } from './kinds.ts';
import { credentialKeeper, credentialsSweep } from './kubectl-credentials/keeper.ts';
import { mailsPurge } from './mail/outbox.ts';
import type { PeriodicTask } from './reconciler/engine-monitor.ts';
import { volumeMeasurer } from './volumes/usage.ts';

/** The dependencies of a process that reconciles. */
export interface ReconcilerDeps extends ApiDeps, KindDeps {
  ipv6Prefix: Ipv6Prefix;
}

/** The tasks that remove rows which are kept for a limited time. */
const PURGES: readonly ((db: Db, now: Date) => Promise<unknown>)[] = [
  keptReplyPurge,
  auditPurge,
  eventsPurge,
  sessionsPurge,
  oneTimesPurge,
  clientLoginsPurge,
  attemptsPurge,
  mailsPurge,
];

/** Of an engine that has access for kubectl to give. */
function credentialTasks(deps: ReconcilerDeps, signal: AbortSignal): PeriodicTask[] {
  return [
    { name: 'kubectl credentials', everyMs: 1000, run: credentialKeeper(deps, signal) },
    { name: 'kubectl credentials sweep', everyMs: 30_000, run: () => credentialsSweep(deps) },
  ];
}

/**
 * @param progress receives messages for the person who started the process.
 * @param signal cancels long-running tasks.
 */
export function upkeepTasks(
  deps: ReconcilerDeps,
  progress: (text: string) => void,
  signal: AbortSignal,
): PeriodicTask[] {
  const { db, clock, ipv6Prefix } = deps;
  async function purge(): Promise<void> {
    for (const each of PURGES) await each(db, clock.now());
  }
  return [
    { name: 'capacity', everyMs: 30_000, run: capacityRecorder(deps) },
    { name: 'volume storage', everyMs: 30_000, run: () => volumeStorageRecord(deps) },
    { name: 'ipv6 prefix', everyMs: 30_000, run: ipv6Prefix.follow },
    ...(deps.engine.credentials === undefined ? [] : credentialTasks(deps, signal)),
    { name: 'collect', everyMs: 600_000, run: () => imageSweep(deps) },
    { name: 'purge', everyMs: 600_000, run: purge },
    { name: 'measure', everyMs: 300_000, run: volumeMeasurer(deps, signal) },
    {
      name: 'isolation',
      everyMs: 600_000,
      run: isolationKeeper(deps, progress),
      isLeftAtStop: true,
    },
    {
      name: 'addresses',
      everyMs: 600_000,
      run: addressKeeper(deps, progress),
      isLeftAtStop: true,
    },
  ];
}

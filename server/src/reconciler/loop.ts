import { VERB_DEADLINE_MS } from '@dollarbox/engines/contract';
import { isDatabaseUnavailable } from '../db/database.ts';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import { retryDelayMs } from './backoff.ts';
import { type Claim, FenceLost, type WorkKind } from './store.ts';
import { type Timers, every, systemTimers } from './timers.ts';
import type { WorkerSession } from './worker-session.ts';

/** How long a claim holds without being renewed, in milliseconds. */
export const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 2000;
const POLL_EVERY_MS = 1000;
const DATABASE_AWAY_MS = 500;
/** As many at a time as a Docker engine on a small machine does well. */
export const CONCURRENCY = 8;

/** What a worker holds an object by. */
export interface Lease {
  /** @throws LeaseLost when less is left than the longest that a verb may take. */
  require(): void;
}

/** Thrown instead of starting a verb that might outlast the lease. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/**
 * Brings one object to its desired state as far as it goes now, and records that. Takes nothing but
 * the id: all else is read anew.
 */
export type Reconcile = (claim: Claim, lease: Lease) => Promise<void>;

export interface ReconcilerLoop {
  /** Takes nothing new, lets what runs end, and returns then. */
  stop(): Promise<void>;
}

interface Held {
  claim: Claim;
  worker: number;
  leaseUntil: number;
}

/** Starts the loop that all kinds share: claim what is due, reconcile, wait for a signal or a time. */
export function reconcilerLoopStart(
  deps: ReconcileDeps,
  session: WorkerSession,
  kinds: Record<WorkKind, Reconcile>,
  timers: Timers = systemTimers,
): ReconcilerLoop {
  const held = new Map<Claim, Held>();
  const running = new Set<Promise<void>>();
  let isStopping = false;
  let isRound = false;
  let isRoundWanted = false;
  let cancelNext = () => {};

  async function run(item: Held): Promise<void> {
    const { claim } = item;
    const end = deps.metrics.reconcileDuration.startTimer({ kind: claim.kind });
    deps.metrics.reconcileDelay.observe(
      { kind: claim.kind },
      Math.max(0, deps.clock.now().getTime() - claim.dueAt.getTime()) / 1000,
    );
    const lease: Lease = {
      require() {
        const isAlive = session.number() === item.worker;
        if (isAlive && item.leaseUntil - deps.clock.now().getTime() >= VERB_DEADLINE_MS) return;
        throw new LeaseLost('too little lease is left for another verb');
      },
    };
    try {
      await kinds[claim.kind](claim, lease);
      end({ outcome: 'done' });
    } catch (error) {
      end({ outcome: outcomeOf(error) });
      await release(claim, error);
    } finally {
      held.delete(claim);
    }
  }

  /** A reconcile that broke off: the object comes back later; its lease does it when this can't. */
  async function release(claim: Claim, error: unknown): Promise<void> {
    if (error instanceof FenceLost || isDatabaseUnavailable(error)) return;
    const failures = claim.failures + 1;
    const isOurs = error instanceof LeaseLost;
    if (!isOurs)
      deps.log.error(
        { err: error, kind: claim.kind, id: claim.id, failures },
        'a reconcile broke off',
      );
    const now = deps.clock.now();
    const dueAt = isOurs
      ? now
      : new Date(now.getTime() + retryDelayMs(failures, false, deps.random));
    await deps.store.workRelease(claim, now, { dueAt, failures }).catch(() => undefined);
  }

  async function round(): Promise<void> {
    const worker = session.number();
    const free = CONCURRENCY - running.size;
    if (worker === null || free <= 0) return;
    const now = deps.clock.now();
    const claims = await deps.store.workClaim(worker, now, LEASE_MS, free);
    if (claims.length > 0) failpoint('claim.after');
    for (const claim of claims) {
      const item = { claim, worker, leaseUntil: now.getTime() + LEASE_MS };
      held.set(claim, item);
      const task = run(item).finally(() => {
        running.delete(task);
        wake();
      });
      running.add(task);
    }
    // More may be due than there were places.
    if (claims.length === free) return;
    const next = await deps.store.workNextDue();
    if (next !== null) schedule(next.getTime() - deps.clock.now().getTime());
  }

  /** One round at a time; a wish that comes during one makes another. */
  function wake(): void {
    isRoundWanted = true;
    if (isRound || isStopping) return;
    isRound = true;
    void (async () => {
      while (isRoundWanted && !isStopping) {
        isRoundWanted = false;
        try {
          await round();
        } catch (error) {
          if (!isDatabaseUnavailable(error)) deps.log.error({ err: error }, 'claiming work failed');
          schedule(DATABASE_AWAY_MS);
        }
      }
      isRound = false;
    })();
  }

  function schedule(delayMs: number): void {
    cancelNext();
    cancelNext = timers.after(Math.min(Math.max(delayMs, 0), POLL_EVERY_MS), wake);
  }

  async function renew(): Promise<void> {
    const worker = session.number();
    const all = [...held.values()];
    if (worker === null || all.length === 0) return;
    const until = deps.clock.now().getTime() + LEASE_MS;
    const claims = all.map((item) => item.claim);
    const kept = await deps.store.workRenew(worker, claims, new Date(until));
    for (const item of all) if (kept.has(item.claim)) item.leaseUntil = until;
  }

  const renewEnd = every(timers, RENEW_EVERY_MS, () => void renew().catch(() => undefined));
  const pollEnd = every(timers, POLL_EVERY_MS, () => {
    void deps.store
      .workReclaimDead(deps.clock.now())
      .catch(() => 0)
      .then(wake);
  });
  const unsubscribe = deps.signal.subscribe(wake);
  wake();

  return {
    async stop() {
      isStopping = true;
      unsubscribe();
      cancelNext();
      pollEnd();
      await Promise.allSettled(running);
      renewEnd();
    },
  };
}

function outcomeOf(error: unknown): string {
  if (error instanceof FenceLost) return 'fence_lost';
  if (error instanceof LeaseLost) return 'lease_lost';
  return isDatabaseUnavailable(error) ? 'database_away' : 'error';
}

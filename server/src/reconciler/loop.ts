import { VERB_DEADLINE_MS } from '@dollarbox/engines/contract';
import { CLOCK_ERROR_MS } from '../db/database-clock.ts';
import { isDatabaseUnavailable } from '../db/database.ts';
import type { ReconcileDeps } from './deps.ts';
import { failpoint } from '../base/failpoints.ts';
import { retryDelayMs } from './backoff.ts';
import type { Kind } from './kind.ts';
import { isAside } from './next-try.ts';
import { type Claim, FenceLost } from './store.ts';
import { type Lease, LeaseLost } from './turn.ts';
import { type Timers, every, systemTimers } from '../base/timers.ts';
import type { WorkerSession } from './worker-session.ts';

/** How long a claim holds without being renewed, in milliseconds. */
export const LEASE_MS = 16_000;
/** How much of a lease must be left for a verb: the clocks of two workers may be wrong in opposite directions. */
const LEASE_FOR_VERB_MS = VERB_DEADLINE_MS + 2 * CLOCK_ERROR_MS;
const RENEW_EVERY_MS = 2000;
const POLL_EVERY_MS = 1000;
const DATABASE_AWAY_MS = 500;
/** How many objects a worker handles at a time. */
export const CONCURRENCY = 8;
/**
 * How many of these may belong to one org: as many as keep a Docker engine on a small machine busy. The rest stay free
 * while other orgs are idle, so that an org with new work finds a place.
 */
export const ORG_PLACES = 4;
/** How long after its last turn has begun an org still counts as one that needs the engine. */
export const ORG_RECENT_MS = 5000;
/** How long another org waits for a turn of an org that has little to do, in milliseconds. */
export const ORG_WAIT_MS = 1000;
/** How many may belong to objects that are put aside, since each is likely to be held for a verb's whole deadline. */
export const ASIDE_PLACES = 1;

export interface ReconcilerLoop {
  /** Stops claiming, and resolves when the turns under way have ended. */
  stop(): Promise<void>;
}

interface Held {
  claim: Claim;
  worker: number;
  leaseUntil: number;
  begunAt: Date;
}

/** Starts the loop that all kinds share: claim what is due, reconcile it, wait for a signal or the next due time. */
export function reconcilerLoopStart(
  deps: ReconcileDeps,
  session: WorkerSession,
  kinds: readonly Pick<Kind, 'kind' | 'reconcile'>[],
  timers: Timers = systemTimers,
): ReconcilerLoop {
  const reconcilers = new Map(kinds.map(({ kind, reconcile }) => [kind, reconcile]));
  const held = new Map<Claim, Held>();
  const running = new Set<Promise<void>>();
  /** When each org was last given a place. */
  const lastTurns = new Map<number, Date>();
  /** When the last turn of each of these orgs ended. */
  const lastEnds = new Map<number, Date>();
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
        const leftMs = item.leaseUntil - deps.clock.now().getTime();
        if (isAlive && leftMs >= LEASE_FOR_VERB_MS) return;
        throw new LeaseLost('too little lease is left for another verb');
      },
    };
    try {
      const reconcile = reconcilers.get(claim.kind);
      if (reconcile === undefined) throw new Error(`no kind "${claim.kind}" is registered`);
      await reconcile(claim, lease);
      end({ outcome: 'done' });
    } catch (error) {
      end({ outcome: outcomeOf(error) });
      await release(claim, error);
    } finally {
      deps.eventSignal.notify();
      held.delete(claim);
      if (lastTurns.has(claim.orgId)) lastEnds.set(claim.orgId, deps.clock.now());
    }
  }

  /** Releases an object whose turn was interrupted. If that is not possible, the end of its lease releases it. */
  async function release(claim: Claim, error: unknown): Promise<void> {
    if (error instanceof FenceLost || isDatabaseUnavailable(error)) return;
    const isOurs = error instanceof LeaseLost;
    const failures = isOurs ? claim.failures : claim.failures + 1;
    const { hangs } = claim;
    if (!isOurs)
      deps.log.error(
        { err: error, kind: claim.kind, id: claim.id, failures },
        'a reconcile broke off',
      );
    const now = deps.clock.now();
    const dueAt = isOurs
      ? now
      : new Date(now.getTime() + retryDelayMs(failures, false, deps.random));
    await deps.store.workRelease(claim, now, { dueAt, failures, hangs }).catch(() => undefined);
  }

  async function round(): Promise<void> {
    const worker = session.number();
    const free = CONCURRENCY - running.size;
    if (worker === null || free <= 0) return;
    const now = deps.clock.now();
    const places = {
      perOrg: ORG_PLACES,
      held: heldByOrg(),
      recent: recentOrgs(now),
      begunAt: oldestTurns(now),
      endedAt: lastEnds,
      aside: ASIDE_PLACES - asideHeld(),
    };
    const claims = await deps.store.workClaim(worker, now, LEASE_MS, free, places);
    if (claims.length > 0) failpoint('claim.after');
    for (const claim of claims) {
      const item = { claim, worker, leaseUntil: now.getTime() + LEASE_MS, begunAt: now };
      held.set(claim, item);
      lastTurns.set(claim.orgId, now);
      const task = run(item).finally(() => {
        running.delete(task);
        wake();
      });
      running.add(task);
    }
    if (claims.length === free) return;
    // Objects that are already due wait for a place of their org: the end of a turn starts another round.
    const due = (await deps.store.workNextDue(now))?.getTime() ?? Infinity;
    const waitMs = Math.min(due, waitEnds(now)) - deps.clock.now().getTime();
    // What is due later than the next poll is found by that.
    if (waitMs < POLL_EVERY_MS) schedule(waitMs);
  }

  function heldByOrg(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { orgId } of held.keys()) counts.set(orgId, (counts.get(orgId) ?? 0) + 1);
    return counts;
  }

  function recentOrgs(now: Date): Set<number> {
    const sinceMs = now.getTime() - ORG_RECENT_MS;
    for (const [orgId, at] of lastTurns) if (at.getTime() < sinceMs) lastTurns.delete(orgId);
    for (const orgId of lastEnds.keys()) if (!lastTurns.has(orgId)) lastEnds.delete(orgId);
    return new Set(lastTurns.keys());
  }

  /** Of the turns that others may wait for. */
  function oldestTurns(now: Date): Map<number, Date> {
    const sinceMs = now.getTime() - ORG_WAIT_MS;
    const oldest = new Map<number, Date>();
    for (const { claim, begunAt } of held.values()) {
      if (isAside(claim) || begunAt.getTime() < sinceMs || oldest.has(claim.orgId)) continue;
      oldest.set(claim.orgId, begunAt);
    }
    return oldest;
  }

  /** When the first of the turns under way is waited for no longer. */
  function waitEnds(now: Date): number {
    const begun = [...oldestTurns(now).values()].map((at) => at.getTime());
    return Math.min(...begun) + ORG_WAIT_MS + 1;
  }

  function asideHeld(): number {
    let count = 0;
    for (const claim of held.keys()) if (isAside(claim)) count += 1;
    return count;
  }

  /** One round at a time; a wake-up during a round starts another one. */
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
    cancelNext = timers.after(Math.max(delayMs, 0), wake);
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

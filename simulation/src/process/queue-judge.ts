import { ASIDE_PLACES, ORG_PLACES, ORG_WAIT_MS } from '../../../server/src/reconciler/loop.ts';
import { isAside } from '../../../server/src/reconciler/next-try.ts';
import type { Claim, NextTurn, OrgPlaces, WorkKind } from '../../../server/src/reconciler/store.ts';
import type { StoredWork } from '../stores/desire-store.ts';
import { type MemoryTables, workOrg } from '../stores/memory-tables.ts';
import { workOf } from '../stores/memory-work.ts';
import { type Witness, claimKey, countUp } from '../world/witness.ts';

/** The rows of the queue at some moment. */
export type QueueRows = (kind: WorkKind, id: number) => StoredWork | undefined;

/** What was asked for in a claim. */
interface Asked {
  now: Date;
  limit: number;
  /**
   * By the worker's own count, an org may still have a place of a turn that was interrupted: it may not have been released
   * yet.
   */
  places: OrgPlaces;
}

/** Judges when objects get turns: the delays after failures, and the places of each org. */
export interface QueueJudge {
  /** Something happened that may end the delay of an object. */
  reason(kind: WorkKind, id: number): void;
  /** The same for every object of an org. */
  reasonInOrg(orgId: number): void;
  /** The same for every object of a kind. */
  reasonOfKind(kind: WorkKind): void;
  /**
   * @param held what the worker had claimed before, and is still working on.
   */
  claimed(before: QueueRows, held: Iterable<Claim>, claims: Claim[], asked: Asked): void;
  /** A turn was recorded by the worker that held the object. */
  released(claim: Claim, next: NextTurn): void;
}

export function queueJudgeCreate(
  witness: Witness,
  tables: MemoryTables,
  nowMs: () => number,
): QueueJudge {
  /** The reasons that existed when a claim was made. */
  const reasonsAtClaim = new WeakMap<Claim, number>();

  function reasonsOf(key: string): number {
    return witness.reasons.get(key) ?? 0;
  }

  function reason(kind: WorkKind, id: number): void {
    countUp(witness.reasons, claimKey({ kind, id }));
  }

  function delayJudge(claim: Claim): void {
    const key = claimKey(claim);
    const delay = witness.delays.get(key);
    reasonsAtClaim.set(claim, reasonsOf(key));
    if (delay === undefined || !witness.clocksAreRight()) return;
    if (nowMs() >= delay.untilMs || reasonsOf(key) !== delay.reasons) return;
    const leftMs = delay.untilMs - nowMs();
    witness.fail(
      'delay',
      `${key} has a turn ${leftMs} ms before the delay after a failure is over`,
    );
  }

  function placesJudge(
    before: QueueRows,
    held: Iterable<Claim>,
    claims: Claim[],
    asked: Asked,
  ): void {
    const places = new Map<number, number>();
    for (const { orgId } of new Set([...held, ...claims])) countUp(places, orgId);
    for (const { orgId } of claims) {
      const count = places.get(orgId) ?? 0;
      if (count > ORG_PLACES)
        witness.fail('places', `org ${orgId} has ${count} places of a worker`);
    }
    const aside = [...new Set([...held, ...claims])].filter(isAside).length;
    if (aside > ASIDE_PLACES && claims.some(isAside)) {
      witness.fail('aside', `objects that are put aside have ${aside} places of a worker`);
    }
    waitJudge(before, places, claims.length, asked);
  }

  /** An org without a place waits for turns of others only so long, if there is one. */
  function waitJudge(
    before: QueueRows,
    given: ReadonlyMap<number, number>,
    claimed: number,
    { now, limit, places: { held, endedAt } }: Asked,
  ): void {
    const crowd = [...given].find(([, count]) => count > 1);
    if (crowd === undefined && claimed === limit) return;
    for (const kind of ['container', 'volume'] as const) {
      for (const id of workOf(tables, kind).keys()) {
        const { dueAt, hangs } = before(kind, id) ?? { dueAt: null, hangs: 0 };
        // Those that are put aside may have to wait for each other.
        if (isAside({ hangs })) continue;
        const orgId = workOrg(tables, kind, id);
        if (dueAt === null || given.has(orgId) || held.has(orgId)) continue;
        const readyMs = Math.max(dueAt.getTime(), endedAt.get(orgId)?.getTime() ?? 0);
        if (now.getTime() - readyMs <= ORG_WAIT_MS) continue;
        const instead = crowd === undefined ? 'one is free' : `org ${crowd[0]} has more than one`;
        witness.fail('places', `org ${orgId} has no place for too long, while ${instead}`);
      }
    }
  }

  /** A turn that failed since a call hung counts as one more. */
  function hangsJudge(claim: Claim, { failures }: NextTurn): void {
    if (failures <= claim.failures || !witness.hung.has(claim)) return;
    const row = workOf(tables, claim.kind).get(claim.id);
    if (row === undefined || row.fence !== claim.fence || row.hangs > claim.hangs) return;
    witness.fail('aside', `a call for ${claimKey(claim)} hung, and its turn does not count that`);
  }

  return {
    reason,
    reasonInOrg(orgId) {
      for (const kind of ['container', 'volume'] as const) {
        for (const id of workOf(tables, kind).keys()) {
          if (workOrg(tables, kind, id) === orgId) reason(kind, id);
        }
      }
    },
    reasonOfKind(kind) {
      for (const id of workOf(tables, kind).keys()) reason(kind, id);
    },
    claimed(before, held, claims, asked) {
      for (const claim of claims) delayJudge(claim);
      if (witness.clocksAreRight()) placesJudge(before, held, claims, asked);
    },
    released(claim, next) {
      const { dueAt, failures } = next;
      const key = claimKey(claim);
      hangsJudge(claim, next);
      if (failures === 0 || dueAt === null || !witness.clocksAreRight()) {
        witness.delays.delete(key);
        return;
      }
      const reasons = reasonsAtClaim.get(claim) ?? reasonsOf(key);
      witness.delays.set(key, { untilMs: dueAt.getTime(), reasons });
    },
  };
}

// The queue's part of the store in memory, matching reconciler/work-store.ts.
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import { ANY_ORG, type DueWork, orgTurnsChoose } from '../../../server/src/reconciler/org-turns.ts';
import {
  type Claim,
  FenceLost,
  type NextTurn,
  type WorkKind,
} from '../../../server/src/reconciler/store.ts';
import type { StoredWork } from './desire-store.ts';
import { type MemoryTables, workOrg } from './memory-tables.ts';

const WORK_KINDS = ['container', 'volume'] as const satisfies WorkKind[];

/** The queue of one kind, by id. */
export function workOf(tables: MemoryTables, kind: WorkKind): Map<number, StoredWork> {
  return kind === 'container' ? tables.work : tables.volumeWork;
}

/** A new object is due at once. */
export function workAdd(tables: MemoryTables, kind: WorkKind, id: number, now: Date): void {
  workOf(tables, kind).set(id, {
    ...{ dueAt: now, wakeSeq: 0, hintSeq: 0, engineBackAt: null },
    ...{ leaseOwner: null, leaseUntil: null, fence: 0, failures: 0, hangs: 0 },
  });
}

export function workWake(tables: MemoryTables, kind: WorkKind, id: number, now: Date): void {
  const work = workOf(tables, kind);
  const row = work.get(id);
  if (row === undefined) return;
  work.set(id, { ...row, wakeSeq: row.wakeSeq + 1, dueAt: dueWoken(row, now) });
}

/** Wakes every object of an org. */
export function workWakeOrg(tables: MemoryTables, orgId: number, now: Date): void {
  for (const kind of ['container', 'volume'] as const) {
    for (const id of workOf(tables, kind).keys()) {
      if (workOrg(tables, kind, id) === orgId) workWake(tables, kind, id, now);
    }
  }
}

/** Like a wake, except that the delay after a failure stays. */
export function workHint(tables: MemoryTables, kind: WorkKind, id: number, now: Date): void {
  const work = workOf(tables, kind);
  const row = work.get(id);
  if (row === undefined) return;
  const isDelayed = row.failures > 0 && row.dueAt !== null;
  work.set(id, {
    ...row,
    hintSeq: row.hintSeq + 1,
    dueAt: isDelayed ? row.dueAt : dueWoken(row, now),
  });
}

function dueWoken(row: StoredWork, now: Date): Date | null {
  const isHeld = row.leaseUntil !== null && row.leaseUntil > now;
  return isHeld || (row.dueAt !== null && row.dueAt < now) ? row.dueAt : now;
}

/** The engine is back after an outage that began at `since`: wakes each object once per outage. */
export function workWakeBack(
  tables: MemoryTables,
  kind: WorkKind,
  isUnknown: (id: number) => boolean,
  since: Date,
  now: Date,
): void {
  const work = workOf(tables, kind);
  for (const [id, { failures, engineBackAt }] of work) {
    if (failures === 0 && !isUnknown(id)) continue;
    if (engineBackAt !== null && engineBackAt >= since) continue;
    workWake(tables, kind, id, now);
    const woken = work.get(id);
    if (woken !== undefined) work.set(id, { ...woken, engineBackAt: now, hangs: 0 });
  }
}

/**
 * Wakes the objects that wait for released volumes: the containers that mount them, and the volumes that are to be
 * removed.
 */
export function workWakeReleased(
  tables: MemoryTables,
  claim: Claim,
  released: readonly number[],
  now: Date,
): void {
  for (const id of new Set(released)) {
    const row = tables.volumes.get(id);
    if (row === undefined) continue;
    if (row.state.deletedAt !== null) workWake(tables, 'volume', id, now);
    if (row.containerId === null || row.containerId === claim.id) continue;
    workWake(tables, 'container', row.containerId, now);
  }
}

/** @returns the row that a claim still holds, or null. */
export function workHeld(tables: MemoryTables, claim: Claim): StoredWork | null {
  const row = workOf(tables, claim.kind).get(claim.id);
  return row?.fence === claim.fence ? row : null;
}

export function workRelease(
  tables: MemoryTables,
  claim: Claim,
  now: Date,
  next: NextTurn,
): boolean {
  const row = workHeld(tables, claim);
  if (row === null) return false;
  const isHinted = row.hintSeq !== claim.hintSeq && next.failures === 0;
  const isWoken = row.wakeSeq !== claim.wakeSeq || isHinted;
  workOf(tables, claim.kind).set(claim.id, {
    ...row,
    dueAt: isWoken ? now : next.dueAt,
    leaseOwner: null,
    leaseUntil: null,
    failures: next.failures,
    hangs: next.hangs ?? 0,
  });
  return true;
}

export function workReleaseOrThrow(...args: Parameters<typeof workRelease>): void {
  if (!workRelease(...args)) throw new FenceLost();
}

type MemoryWork = Pick<
  ReconcileStore,
  | 'workWake'
  | 'workHint'
  | 'workClaim'
  | 'workRelease'
  | 'workRenew'
  | 'workReclaimDead'
  | 'workNextDue'
>;

export function memoryWork(tables: MemoryTables): MemoryWork {
  return {
    async workWake(kind, id, now) {
      workWake(tables, kind, id, now);
    },
    async workHint(kind, id, now) {
      workHint(tables, kind, id, now);
    },
    async workClaim(worker, now, leaseMs, limit, places = ANY_ORG) {
      const until = new Date(now.getTime() + leaseMs);
      const due: (DueWork & { row: StoredWork })[] = [];
      for (const kind of WORK_KINDS) {
        for (const [id, row] of workOf(tables, kind)) {
          if (row.dueAt === null || row.dueAt > now) continue;
          const { dueAt, hangs } = row;
          due.push({ kind, id, orgId: workOrg(tables, kind, id), dueAt, hangs, row });
        }
      }
      const chosen = orgTurnsChoose(due, limit, places) as typeof due;
      return chosen.map(({ kind, id, orgId, row, dueAt }) => {
        const fence = row.fence + 1;
        const held = { leaseOwner: worker, leaseUntil: until, dueAt: until, fence };
        workOf(tables, kind).set(id, { ...row, ...held });
        const { wakeSeq, hintSeq, failures, hangs } = row;
        return { kind, id, orgId, fence, wakeSeq, hintSeq, failures, hangs, dueAt };
      });
    },
    async workRelease(claim, now, next) {
      return workRelease(tables, claim, now, next);
    },
    async workRenew(worker, held, until) {
      const kept = new Set<Claim>();
      for (const claim of held) {
        const row = workHeld(tables, claim);
        if (row === null || row.leaseOwner !== worker) continue;
        const longer = row.leaseUntil !== null && row.leaseUntil > until ? row.leaseUntil : until;
        workOf(tables, claim.kind).set(claim.id, { ...row, leaseUntil: longer, dueAt: longer });
        kept.add(claim);
      }
      return kept;
    },
    async workReclaimDead(now) {
      let count = 0;
      for (const work of WORK_KINDS.map((kind) => workOf(tables, kind))) {
        for (const [id, row] of work) {
          const { leaseUntil, leaseOwner, dueAt } = row;
          if (leaseUntil === null || leaseUntil <= now || dueAt === null) continue;
          if (leaseOwner !== null && tables.livingWorkers.has(leaseOwner)) continue;
          work.set(id, { ...row, leaseOwner: null, leaseUntil: null, dueAt: now });
          count += 1;
        }
      }
      return count;
    },
    async workNextDue(after) {
      let next: Date | null = null;
      for (const work of WORK_KINDS.map((kind) => workOf(tables, kind))) {
        for (const { dueAt } of work.values()) {
          if (dueAt === null || dueAt <= after) continue;
          if (next === null || dueAt < next) next = dueAt;
        }
      }
      return next;
    },
  };
}

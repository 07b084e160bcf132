// The queue's part of the store in memory, as reconciler/work-store.ts has it.
import {
  type Claim,
  FenceLost,
  type NextTurn,
  type ReconcileStore,
  type WorkKind,
} from '../reconciler/store.ts';
import type { StoredWork } from './desire-store.ts';
import type { MemoryTables } from './memory-tables.ts';

const WORK_KINDS = ['container', 'volume'] as const satisfies WorkKind[];

/** The queue of one kind, by id. */
export function workOf(tables: MemoryTables, kind: WorkKind): Map<number, StoredWork> {
  return kind === 'container' ? tables.work : tables.volumeWork;
}

/** What is made is due at once. */
export function workAdd(tables: MemoryTables, kind: WorkKind, id: number, now: Date): void {
  const free = { leaseOwner: null, leaseUntil: null };
  workOf(tables, kind).set(id, { dueAt: now, wakeSeq: 0, ...free, fence: 0, failures: 0 });
}

export function workWake(tables: MemoryTables, kind: WorkKind, id: number, now: Date): void {
  const work = workOf(tables, kind);
  const row = work.get(id);
  if (row === undefined) return;
  const isHeld = row.leaseUntil !== null && row.leaseUntil > now;
  const dueAt = isHeld || (row.dueAt !== null && row.dueAt < now) ? row.dueAt : now;
  work.set(id, { ...row, wakeSeq: row.wakeSeq + 1, dueAt });
}

/** Whoever waits for volumes that were let go of: those that mount them, and their removal. */
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

/** @returns the row that a claim still holds, else null. */
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
  workOf(tables, claim.kind).set(claim.id, {
    ...row,
    dueAt: row.wakeSeq === claim.wakeSeq ? next.dueAt : now,
    leaseOwner: null,
    leaseUntil: null,
    failures: next.failures,
  });
  return true;
}

export function workReleaseOrThrow(...args: Parameters<typeof workRelease>): void {
  if (!workRelease(...args)) throw new FenceLost();
}

type MemoryWork = Pick<
  ReconcileStore,
  'workWake' | 'workClaim' | 'workRelease' | 'workRenew' | 'workReclaimDead' | 'workNextDue'
>;

export function memoryWork(tables: MemoryTables): MemoryWork {
  return {
    async workWake(kind, id, now) {
      workWake(tables, kind, id, now);
    },
    async workClaim(worker, now, leaseMs, limit) {
      const until = new Date(now.getTime() + leaseMs);
      const due: { kind: WorkKind; id: number; row: StoredWork; dueAt: Date }[] = [];
      for (const kind of WORK_KINDS) {
        for (const [id, row] of workOf(tables, kind)) {
          if (row.dueAt !== null && row.dueAt <= now) due.push({ kind, id, row, dueAt: row.dueAt });
        }
      }
      due.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id);
      return due.slice(0, limit).map(({ kind, id, row, dueAt }) => {
        const fence = row.fence + 1;
        const held = { leaseOwner: worker, leaseUntil: until, dueAt: until, fence };
        workOf(tables, kind).set(id, { ...row, ...held });
        const { wakeSeq, failures } = row;
        return { kind, id, fence, wakeSeq, failures, dueAt };
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
    async workNextDue() {
      let next: Date | null = null;
      for (const work of WORK_KINDS.map((kind) => workOf(tables, kind))) {
        for (const { dueAt } of work.values()) {
          if (dueAt !== null && (next === null || dueAt < next)) next = dueAt;
        }
      }
      return next;
    },
  };
}

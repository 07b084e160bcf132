// The queue's part of the store in memory, as reconciler/work-store.ts has it.
import { type Claim, FenceLost, type NextTurn, type ReconcileStore } from '../reconciler/store.ts';
import type { StoredWork } from './desire-store.ts';
import type { MemoryTables } from './memory-tables.ts';

export function workWake(tables: MemoryTables, id: number, now: Date): void {
  const row = tables.work.get(id);
  if (row === undefined) return;
  const isHeld = row.leaseUntil !== null && row.leaseUntil > now;
  const dueAt = isHeld || (row.dueAt !== null && row.dueAt < now) ? row.dueAt : now;
  tables.work.set(id, { ...row, wakeSeq: row.wakeSeq + 1, dueAt });
}

/** @returns the row that a claim still holds, else null. */
export function workHeld(tables: MemoryTables, claim: Claim): StoredWork | null {
  const row = tables.work.get(claim.id);
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
  tables.work.set(claim.id, {
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
    async workWake(_kind, id, now) {
      workWake(tables, id, now);
    },
    async workClaim(worker, now, leaseMs, limit) {
      const until = new Date(now.getTime() + leaseMs);
      const due: { id: number; row: StoredWork; dueAt: Date }[] = [];
      for (const [id, row] of tables.work) {
        if (row.dueAt !== null && row.dueAt <= now) due.push({ id, row, dueAt: row.dueAt });
      }
      due.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id);
      return due.slice(0, limit).map(({ id, row, dueAt }) => {
        const fence = row.fence + 1;
        tables.work.set(id, { ...row, leaseOwner: worker, leaseUntil: until, dueAt: until, fence });
        const { wakeSeq, failures } = row;
        return { kind: 'container', id, fence, wakeSeq, failures, dueAt };
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
        tables.work.set(claim.id, { ...row, leaseUntil: longer, dueAt: longer });
        kept.add(claim);
      }
      return kept;
    },
    async workReclaimDead(now) {
      let count = 0;
      for (const [id, row] of tables.work) {
        const { leaseUntil, leaseOwner, dueAt } = row;
        if (leaseUntil === null || leaseUntil <= now || dueAt === null) continue;
        if (leaseOwner !== null && tables.livingWorkers.has(leaseOwner)) continue;
        tables.work.set(id, { ...row, leaseOwner: null, leaseUntil: null, dueAt: now });
        count += 1;
      }
      return count;
    },
    async workNextDue() {
      let next: Date | null = null;
      for (const { dueAt } of tables.work.values()) {
        if (dueAt !== null && (next === null || dueAt < next)) next = dueAt;
      }
      return next;
    },
  };
}

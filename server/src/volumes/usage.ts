import { EngineError } from '@dollarbox/engines/contract';
import type { Db } from '../db/database.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { GB_BYTES, usageTell } from './plan.ts';

/** Less than either of these is no change worth a write. */
const CHANGE_BYTES = 1_048_576;
const CHANGE_PART = 0.01;

/**
 * @returns what measures, each time it is called, how much data is in each volume, one after the other, and records it
 * where it has changed. It may take long: it is no part of any turn, and is broken off when `signal` aborts.
 */
export function volumeMeasurer(
  deps: Pick<ReconcilerDeps, 'db' | 'engine' | 'metrics' | 'log'>,
  signal: AbortSignal,
): () => Promise<void> {
  const { db, engine, metrics, log } = deps;
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  return async () => {
    const rows = await rowsRead(db);
    const measured: { labels: { volume: number; org: number }; used: number; size: number }[] = [];
    for (const row of rows) {
      const measuring = engine.volumes.usedBytes(row.ref).catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        log.debug({ err: error, volume: row.id }, 'a volume could not be measured');
        return null;
      });
      const used = await Promise.race([measuring, aborted]);
      if (signal.aborted) return;
      if (used === null) continue;
      const labels = { volume: row.id, org: row.org_id };
      measured.push({ labels, used, size: row.size_gb * GB_BYTES });
      await usageRecord(db, row, used);
    }
    // Those that are gone are told of no more.
    metrics.volumeUsedBytes.reset();
    metrics.volumeSizeBytes.reset();
    for (const { labels, used, size } of measured) {
      metrics.volumeUsedBytes.set(labels, used);
      metrics.volumeSizeBytes.set(labels, size);
    }
  };
}

interface UsageRow {
  id: number;
  org_id: number;
  ref: string;
  size_gb: number;
  size_enforced: boolean | null;
  used_bytes: number | null;
  status_message: string | null;
}

function rowsRead(db: Db): Promise<UsageRow[]> {
  return db
    .selectFrom('volumes')
    .select(['id', 'org_id', 'ref', 'size_gb', 'size_enforced', 'used_bytes', 'status_message'])
    .where('deleted_at', 'is', null)
    .where('status', '=', 'bound')
    .where('ref', 'is not', null)
    .$narrowType<{ ref: string }>()
    .orderBy('id')
    .execute();
}

/** Of a volume that is no more what it was when the measuring began, nothing is recorded. */
async function usageRecord(db: Db, row: UsageRow, used: number): Promise<void> {
  const message = usageTell({
    usedBytes: used,
    sizeGb: row.size_gb,
    isSizeEnforced: row.size_enforced,
  });
  const isTold = message === null || row.status_message !== null;
  if (isTold && row.used_bytes !== null && !isChanged(row.used_bytes, used)) return;
  await db
    .updateTable('volumes')
    .set((eb) => ({
      used_bytes: used,
      status_message: message,
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', row.id)
    .where('ref', '=', row.ref)
    .where('status', '=', 'bound')
    .where('status_reason', 'is', null)
    .execute();
}

function isChanged(before: number, now: number): boolean {
  const by = Math.abs(now - before);
  return by >= CHANGE_BYTES || (by > 0 && by >= before * CHANGE_PART);
}

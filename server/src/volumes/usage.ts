import { EngineError } from '@dollarbox/engines/contract';
import type { Db } from '../db/database.ts';
import type { ReconcileDeps } from '../reconciler/deps.ts';
import { GB_BYTES, usageTell } from './plan.ts';

/** A change that is smaller than both of these is not worth a write. */
const CHANGE_BYTES = 1_048_576;
const CHANGE_PART = 0.01;

/**
 * @returns a function that measures how much data is in each volume, one after the other, each time it is called, and
 * records changes. It may take long: it is not part of any turn, and is cancelled when `signal` aborts.
 */
export function volumeMeasurer(
  deps: Pick<ReconcileDeps, 'engine' | 'metrics' | 'log'> & { db: Db },
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
    // Stop reporting the volumes that no longer exist.
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
  size_enforced: boolean;
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

/** Records nothing for a volume that has changed since the measurement started. */
async function usageRecord(db: Db, row: UsageRow, used: number): Promise<void> {
  const message = usageTell({
    usedBytes: used,
    sizeGb: row.size_gb,
    isSizeEnforced: row.size_enforced,
  });
  const isReported = message === null || row.status_message !== null;
  if (isReported && row.used_bytes !== null && !isChanged(row.used_bytes, used)) return;
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

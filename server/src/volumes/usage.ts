import { EngineError } from '@dollarbox/engines/contract';
import type { Db } from '../db/database.ts';
import type { ReconcileDeps } from '../reconciler/deps.ts';
import { GB_BYTES, usageTell } from './plan.ts';

/** A change that is smaller than both of these is not worth a write. */
const CHANGE_BYTES = 1_048_576;
const CHANGE_PART = 0.01;
/** Metrics name this many volumes, those that are the fullest. */
const REPORTED_MAX = 100;

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
    const measured: MeasuredVolume[] = [];
    for (const row of rows) {
      const measuring = engine.volumes.usedBytes(row.ref).catch((error: unknown) => {
        if (!(error instanceof EngineError)) throw error;
        log.debug({ err: error, volume: row.id }, 'a volume could not be measured');
        return null;
      });
      const used = await Promise.race([measuring, aborted]);
      if (signal.aborted) return;
      if (used === null) continue;
      const labels = { volume: row.id, org: row.org };
      measured.push({ labels, used, size: row.size_gb * GB_BYTES });
      await usageRecord(db, row, used);
    }
    // Stop reporting the volumes that no longer exist.
    metrics.volumeUsedBytes.reset();
    metrics.volumeSizeBytes.reset();
    for (const { labels, used, size } of fullest(measured)) {
      metrics.volumeUsedBytes.set(labels, used);
      metrics.volumeSizeBytes.set(labels, size);
    }
  };
}

interface MeasuredVolume {
  labels: { volume: number; org: string };
  used: number;
  size: number;
}

function fullest(measured: readonly MeasuredVolume[]): MeasuredVolume[] {
  const share = ({ used, size }: MeasuredVolume) => used / size;
  return measured.toSorted((a, b) => share(b) - share(a)).slice(0, REPORTED_MAX);
}

interface UsageRow {
  id: number;
  /** The slug of its org. */
  org: string;
  ref: string;
  size_gb: number;
  size_enforced: boolean;
  used_bytes: number | null;
  status_message: string | null;
}

function rowsRead(db: Db): Promise<UsageRow[]> {
  return db
    .selectFrom('volumes as v')
    .innerJoin('orgs as o', 'o.id', 'v.org_id')
    .select(['v.id', 'o.slug as org', 'v.ref', 'v.size_gb', 'v.size_enforced', 'v.used_bytes'])
    .select('v.status_message')
    .where('v.deleted_at', 'is', null)
    .where('v.status', '=', 'bound')
    .where('v.ref', 'is not', null)
    .$narrowType<{ ref: string }>()
    .orderBy('v.id')
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

import type { VolumeListing } from '@dollarbox/engines/contract';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import type { VolumeSweepRow } from '../reconciler/store.ts';

/**
 * @returns what compares the engine's volumes with the table, both ways, each time it is called. What differs from a
 * row at rest is made due. A volume without a row is counted and told of, and never removed: it may be all that is left
 * of somebody's data.
 */
export function volumeSweeper(deps: ReconcileDeps): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    const listings = await deps.engine.volumes.list();
    failpoint('sweep.volumes.listed');
    const rows = await deps.store.volumeSweepRows();
    const keyOf = ({ id, uid }: { id: number; uid: string }): string => `${id} ${uid}`;
    const byKey = new Map(listings.map((listing) => [keyOf(listing), listing]));
    const known = new Set(rows.map(keyOf));
    for (const row of rows) {
      const drift = driftOf(row, byKey.get(keyOf(row)));
      if (drift === null) continue;
      deps.metrics.driftFound.inc({ kind: 'volume', drift });
      deps.log.warn({ volume: row.id, drift }, 'the sweep found a volume that differs');
      await deps.store.workWake('volume', row.id, deps.clock.now());
      deps.signal.notify();
    }
    const rowless = listings.filter((listing) => !known.has(keyOf(listing)));
    deps.metrics.volumesWithoutRow.set(rowless.length);
    for (const { ref, id, uid, tenantId } of rowless) {
      if (told.has(ref)) continue;
      told.add(ref);
      deps.log.warn(
        { ref, volume: id, uid, org: tenantId },
        'the engine has a volume of ours that no row tells of; it stays: see dollarbox-admin volume-orphans',
      );
    }
  };
}

/** How a row at rest and the engine differ; null when they agree, or the row has its turn coming. */
function driftOf(row: VolumeSweepRow, listing: VolumeListing | undefined): string | null {
  if (!row.isAtRest || row.isDeleted || row.ref === null) return null;
  const isThere = listing?.ref === row.ref;
  if (row.isLost) return isThere ? 'returned' : null;
  if (!isThere) return 'missing';
  return row.isUnknown ? 'unknown' : null;
}

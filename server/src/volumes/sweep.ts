import type { VolumeListing } from '@dollarbox/engines/contract';
import { failpoint } from '../base/failpoints.ts';
import type { VolumeKindDeps, VolumeSweepRow } from './kind-store.ts';

/**
 * @returns a function that compares the engine's volumes with the table, both ways, each time it is called. A row at
 * rest that differs from the engine is made due. A volume without a row is counted and reported, but never removed: it
 * may be all that is left of a tenant's data.
 */
export function volumeSweeper(deps: VolumeKindDeps): () => Promise<void> {
  const reported = new Set<string>();
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
      await deps.store.workHint('volume', row.id, deps.clock.now());
      deps.signal.notify();
    }
    const rowless = listings.filter((listing) => !known.has(keyOf(listing)));
    deps.metrics.volumesWithoutRow.set(rowless.length);
    for (const { ref, id, uid, tenantId } of rowless) {
      if (reported.has(ref)) continue;
      reported.add(ref);
      deps.log.warn(
        { ref, volume: id, uid, org: tenantId },
        'the engine has a volume of ours that no row tells of; it stays: see dollarbox-admin volume-orphans',
      );
    }
    await deps.engine.volumes.tidy();
  };
}

/** How a row at rest differs from the engine; null if they agree, or the row has a turn scheduled. */
function driftOf(row: VolumeSweepRow, listing: VolumeListing | undefined): string | null {
  if (!row.isAtRest || row.isDeleted || row.ref === null) return null;
  const isThere = listing?.ref === row.ref && listing.phase !== 'lost';
  if (row.isLost) return isThere ? 'returned' : null;
  if (!isThere) return 'missing';
  if (listing.phase === 'bound' && !row.isBound) return 'bound';
  return row.isUnknown ? 'unknown' : null;
}

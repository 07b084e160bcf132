import { type ContainerListing, EngineError } from '@dollarbox/engines/contract';
import type { ReconcileDeps } from '../deps.ts';
import { failpoint } from '../failpoints.ts';
import type { SweepRow } from '../reconciler/store.ts';

/** So many of those that a sweep found are named in the log. */
const DRIFT_NAMED = 20;

/**
 * Compares the engine with the table, both ways. What differs from what a row says is made due; an
 * object of ours without a row is removed. The table is read after the engine: an object seen there
 * had its row before it was made, so one without a row has none any more.
 */
export async function containerSweep(deps: ReconcileDeps): Promise<void> {
  const listings = await deps.engine.containers.list();
  failpoint('sweep.listed');
  const rows = await deps.store.containerSweepRows();
  const byId = new Map(listings.map((listing) => [listing.id, listing]));
  const known = new Set(rows.map((row) => row.id));

  const now = deps.clock.now();
  const differing: { container: number; drift: string }[] = [];
  for (const row of rows) {
    const drift = driftOf(row, byId.get(row.id), now);
    if (drift === null) continue;
    deps.metrics.driftFound.inc({ kind: 'container', drift });
    differing.push({ container: row.id, drift });
    await deps.store.workWake('container', row.id, deps.clock.now());
    deps.signal.notify();
  }
  if (differing.length > 0) {
    // After an engine's restart that is all of them: one line.
    const first = differing.slice(0, DRIFT_NAMED);
    deps.log.warn(
      { count: differing.length, first },
      'the sweep found containers that differ, and has them put right',
    );
  }
  for (const listing of listings) {
    if (known.has(listing.id)) continue;
    deps.metrics.driftFound.inc({ kind: 'container', drift: 'orphan' });
    deps.log.warn(
      { container: listing.id, ref: listing.ref },
      'the sweep removes a container without a row',
    );
    failpoint('sweep.orphan.before');
    await orphanRemove(deps, listing, () => deps.engine.containers.remove(listing.ref));
    failpoint('sweep.orphan.after');
  }
}

/** One that can't be removed does not keep the others from it; the next sweep tries again. */
async function orphanRemove(
  deps: ReconcileDeps,
  orphan: { ref: string },
  remove: () => Promise<void>,
): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log.warn({ err: error, ref: orphan.ref }, 'an object without a row could not be removed');
  }
}

/** How a row and the engine differ; null when they agree, or the row has its turn now. */
function driftOf(row: SweepRow, listing: ContainerListing | undefined, now: Date): string | null {
  if (row.isHeld || row.isDeleted || row.appliedRef === null) return null;
  if (row.dueAt !== null && row.dueAt <= now) return null;
  // What is said not to run waits for its own time to be started again.
  if (row.status !== 'running' && row.dueAt !== null) return null;
  if (listing === undefined) return 'missing';
  if (listing.ref !== row.appliedRef) return 'replaced';
  if (row.status !== 'running') return null;
  if (listing.state !== 'running') return 'down';
  if (!listing.connected) return 'disconnected';
  return row.isUnknown ? 'unknown' : null;
}

/** Networks of orgs that are no more. */
export async function tenantSweep(deps: ReconcileDeps): Promise<void> {
  const tenants = await deps.engine.tenants.list();
  if (tenants.length === 0) return;
  const known = await deps.store.orgIds();
  for (const tenant of tenants) {
    if (known.has(tenant.id)) continue;
    deps.metrics.driftFound.inc({ kind: 'tenant', drift: 'orphan' });
    await orphanRemove(deps, tenant, () => deps.engine.tenants.remove(tenant.id));
  }
}

/** Images that no container asks for go from the engine, if we had pulled them. */
export async function imageSweep(deps: ReconcileDeps): Promise<void> {
  const removed = await deps.engine.images.collect(await deps.store.containerImages());
  if (removed.length > 0) deps.log.info({ images: removed }, 'unused images were removed');
}

import type { ContainerListing } from '@dollarbox/engines/contract';
import type { ReconcilerDeps } from '../deps.ts';
import { workWake } from '../reconciler/work-store.ts';

/** A container as the table has it, as far as a comparison with the engine goes. */
interface SweepRow {
  id: number;
  applied_ref: string | null;
  status: string;
  deleted_at: Date | null;
  due_at: Date | null;
}

/**
 * Compares the engine with the table, both ways. What differs from a row at rest is made due; an
 * object of ours without a row is removed. The table is read after the engine: an object seen there
 * had its row before it was made, so one without a row has none any more.
 */
export async function containerSweep(deps: ReconcilerDeps): Promise<void> {
  const listings = await deps.engine.containers.list();
  const rows: SweepRow[] = await deps.db
    .selectFrom('containers as c')
    .leftJoin('work as w', (join) =>
      join.onRef('w.object_id', '=', 'c.id').on('w.kind', '=', 'container'),
    )
    .select(['c.id', 'c.applied_ref', 'c.status', 'c.deleted_at', 'w.due_at'])
    .execute();
  const byId = new Map(listings.map((listing) => [listing.id, listing]));
  const known = new Set(rows.map((row) => row.id));

  for (const row of rows) {
    const drift = driftOf(row, byId.get(row.id));
    if (drift === null) continue;
    deps.metrics.driftFound.inc({ kind: 'container', drift });
    deps.log.warn({ container: row.id, drift }, 'the sweep found a container that differs');
    await workWake(deps.db, 'container', row.id, deps.clock.now());
    deps.signal.notify();
  }
  for (const listing of listings) {
    if (known.has(listing.id)) continue;
    deps.metrics.driftFound.inc({ kind: 'container', drift: 'orphan' });
    deps.log.warn(
      { container: listing.id, ref: listing.ref },
      'the sweep removes a container without a row',
    );
    await deps.engine.containers.remove(listing.ref);
  }
}

/** How a row at rest and the engine differ; null when they agree, or the row has its turn coming. */
function driftOf(row: SweepRow, listing: ContainerListing | undefined): string | null {
  if (row.due_at !== null || row.deleted_at !== null || row.applied_ref === null) return null;
  if (listing === undefined) return 'missing';
  if (listing.ref !== row.applied_ref) return 'replaced';
  return row.status === 'running' && listing.state !== 'running' ? 'down' : null;
}

/** Networks of orgs that are no more. */
export async function tenantSweep(deps: ReconcilerDeps): Promise<void> {
  const tenants = await deps.engine.tenants.list();
  if (tenants.length === 0) return;
  const orgs = await deps.db.selectFrom('orgs').select('id').execute();
  const known = new Set(orgs.map((org) => org.id));
  for (const tenant of tenants) {
    if (known.has(tenant.id)) continue;
    deps.metrics.driftFound.inc({ kind: 'tenant', drift: 'orphan' });
    await deps.engine.tenants.remove(tenant.id);
  }
}

/** Images that no container asks for go from the engine, if we had pulled them. */
export async function imageSweep(deps: ReconcilerDeps): Promise<void> {
  const rows = await deps.db.selectFrom('containers').select('image').distinct().execute();
  const removed = await deps.engine.images.collect(new Set(rows.map((row) => row.image)));
  if (removed.length > 0) deps.log.info({ images: removed }, 'unused images were removed');
}

import { EngineError, type TenantListing } from '@dollarbox/engines/contract';
import type { Db } from '../db/database.ts';
import type { ReconcileDeps } from '../reconciler/deps.ts';
import type { Kind } from '../reconciler/kind.ts';
import { orphanRemove } from '../reconciler/orphan-remove.ts';
import type { WorkStore } from '../reconciler/store.ts';

export interface TenantKindStore {
  orgIds(): Promise<Set<number>>;
}

export interface TenantKindDeps extends ReconcileDeps {
  store: WorkStore & TenantKindStore;
}

export function tenantKindStoreCreate(db: Db): TenantKindStore {
  return {
    async orgIds() {
      const rows = await db.selectFrom('orgs').select('id').execute();
      return new Set(rows.map((row) => row.id));
    },
  };
}

/**
 * An org's objects on the engine: created for its first container, removed by the sweep if the org no longer exists.
 */
export function tenantKind(deps: TenantKindDeps): Kind {
  return { kind: 'tenant', sweep: () => tenantSweep(deps) };
}

export async function tenantSweep(deps: TenantKindDeps): Promise<void> {
  const tenants = await deps.engine.tenants.list();
  if (tenants.length === 0) return;
  const known = await deps.store.orgIds();
  for (const tenant of tenants) {
    if (known.has(tenant.id)) {
      await tenantUphold(deps, tenant);
      continue;
    }
    deps.metrics.driftFound.inc({ kind: 'tenant', drift: 'orphan' });
    await orphanRemove(deps, tenant, () => deps.engine.tenants.remove(tenant.id));
  }
}

/** Gives an org's objects what they lack. A failure is left to the next sweep. */
async function tenantUphold(deps: TenantKindDeps, { id, needs }: TenantListing): Promise<void> {
  if (needs === undefined) return;
  if (needs === 'repair') {
    deps.metrics.driftFound.inc({ kind: 'tenant', drift: 'changed' });
    deps.log.warn({ org: id }, "somebody changed an org's limits or policies on the engine");
  }
  try {
    await deps.engine.tenants.ensure({ id });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log.warn({ err: error, org: id }, "an org's objects on the engine could not be updated");
  }
}

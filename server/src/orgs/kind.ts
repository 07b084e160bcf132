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
    if (known.has(tenant.id)) continue;
    deps.metrics.driftFound.inc({ kind: 'tenant', drift: 'orphan' });
    await orphanRemove(deps, tenant, () => deps.engine.tenants.remove(tenant.id));
  }
}

// The register of kinds that are reconciled. To add a kind, add a folder, and a line in each of these lists.
import { containerKind } from './containers/kind.ts';
import type { ContainerKindStore } from './containers/kind-store.ts';
import { containerKindStoreCreate } from './containers/reconcile-store.ts';
import type { Db } from './db/database.ts';
import { type TenantKindStore, tenantKind, tenantKindStoreCreate } from './orgs/kind.ts';
import type { ReconcileDeps } from './reconciler/deps.ts';
import type { Kind } from './reconciler/kind.ts';
import type { WorkStore } from './reconciler/store.ts';
import { workStoreCreate } from './reconciler/work-store.ts';
import type { SecretBox } from './base/secrets.ts';
import { volumeKind } from './volumes/kind.ts';
import type { VolumeKindStore } from './volumes/kind-store.ts';
import { volumeKindStoreCreate } from './volumes/reconcile-store.ts';

/** Everything that the reconciler and its kinds read and write. */
export type ReconcileStore = WorkStore & ContainerKindStore & VolumeKindStore & TenantKindStore;

export interface KindDeps extends ReconcileDeps {
  store: ReconcileStore;
}

/** The store that the product uses. */
export function postgresStoreCreate(db: Db, secrets: SecretBox): ReconcileStore {
  return {
    ...workStoreCreate(db),
    ...containerKindStoreCreate(db, secrets),
    ...volumeKindStoreCreate(db),
    ...tenantKindStoreCreate(db),
  };
}

/** Every kind, in the order in which a sweep goes through them. */
export function kindsCreate(deps: KindDeps): Kind[] {
  return [containerKind(deps), volumeKind(deps), tenantKind(deps)];
}

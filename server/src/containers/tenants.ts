import type { ReconcileDeps } from '../reconciler/deps.ts';
import type { Lease } from '../reconciler/turn.ts';

/** Makes the engine create what orgs need, and remembers which orgs have it. */
export interface Tenants {
  ensure(orgId: number, lease: Lease): Promise<void>;
  /** An error occurred: ensure it again next time. */
  forget(orgId: number): void;
}

export function tenantsCreate({ engine }: Pick<ReconcileDeps, 'engine'>): Tenants {
  const ensured = new Set<number>();
  return {
    async ensure(orgId, lease) {
      if (ensured.has(orgId)) return;
      lease.require();
      await engine.tenants.ensure({ id: orgId });
      ensured.add(orgId);
    },
    forget: (orgId) => void ensured.delete(orgId),
  };
}

import { EngineError, type TenantSpec } from '@dollarbox/engines/contract';
import type { ReconcileDeps } from '../deps.ts';
import type { Lease } from '../reconciler/loop.ts';
import type { ContainerWork } from '../reconciler/store.ts';

const MAX_SUBNETS_TRIED = 64;

/** Gives orgs their networks, and remembers which are there. */
export interface Tenants {
  ensure(org: ContainerWork['org'], lease: Lease): Promise<TenantSpec>;
  /** Something was amiss: ensure it again next time. */
  forget(orgId: number): void;
}

export function tenantsCreate(deps: ReconcileDeps): Tenants {
  const ensured = new Map<number, TenantSpec>();
  return {
    async ensure(org, lease) {
      const known = ensured.get(org.id);
      // Another worker may have given the org another network since.
      if (known !== undefined && known.ipv4Subnet === org.ipv4Subnet) return known;
      const tenant = await tenantEnsure(deps, org, lease);
      ensured.set(org.id, tenant);
      return tenant;
    },
    forget: (orgId) => void ensured.delete(orgId),
  };
}

/** Networks of others on the host are found by trying: the next subnet is taken when one is in use. */
async function tenantEnsure(
  deps: ReconcileDeps,
  org: ContainerWork['org'],
  lease: Lease,
): Promise<TenantSpec> {
  const startIndex = deps.subnetStartIndex;
  let tenant: TenantSpec =
    org.ipv4Subnet === null
      ? await deps.store.orgSubnetAssign(org.id, null, startIndex)
      : { id: org.id, ipv4Subnet: org.ipv4Subnet, ipv6Subnet: org.ipv6Subnet };
  for (let tried = 1; ; tried += 1) {
    try {
      lease.require();
      await deps.engine.tenants.ensure(tenant);
      return tenant;
    } catch (error) {
      const isTaken = error instanceof EngineError && error.reason === 'subnet_in_use';
      if (!isTaken || tried >= MAX_SUBNETS_TRIED) throw error;
      tenant = await deps.store.orgSubnetAssign(org.id, tenant.ipv4Subnet, startIndex + tried);
    }
  }
}

import { EngineError, type TenantSpec } from '@dollarbox/engines/contract';
import type { ReconcilerDeps } from '../deps.ts';
import { installationRead } from '../installation/store.ts';
import type { ContainerWork } from './reconcile-store.ts';
import { orgSubnetAssign } from './reconcile-store.ts';

const MAX_SUBNETS_TRIED = 64;

/** Gives orgs their networks, and remembers which are there. */
export interface Tenants {
  ensure(org: ContainerWork['org']): Promise<TenantSpec>;
  /** Something was amiss: ensure it again next time. */
  forget(orgId: number): void;
}

export function tenantsCreate(deps: ReconcilerDeps): Tenants {
  const ensured = new Map<number, TenantSpec>();
  return {
    async ensure(org) {
      const known = ensured.get(org.id);
      if (known !== undefined) return known;
      const tenant = await tenantEnsure(deps, org);
      ensured.set(org.id, tenant);
      return tenant;
    },
    forget: (orgId) => void ensured.delete(orgId),
  };
}

/** Networks of others on the host are found by trying: the next subnet is taken when one is in use. */
async function tenantEnsure(deps: ReconcilerDeps, org: ContainerWork['org']): Promise<TenantSpec> {
  // Installations on one host start looking at different places.
  const { id } = await installationRead(deps.db);
  const startIndex = Number.parseInt(id, 36) % 65_536;
  let tenant: TenantSpec =
    org.ipv4Subnet === null
      ? await orgSubnetAssign(deps.db, org.id, null, startIndex)
      : { id: org.id, ipv4Subnet: org.ipv4Subnet, ipv6Subnet: org.ipv6Subnet };
  for (let tried = 1; ; tried += 1) {
    try {
      await deps.engine.tenants.ensure(tenant);
      return tenant;
    } catch (error) {
      const isTaken = error instanceof EngineError && error.reason === 'subnet_in_use';
      if (!isTaken || tried >= MAX_SUBNETS_TRIED) throw error;
      tenant = await orgSubnetAssign(deps.db, org.id, tenant.ipv4Subnet, startIndex + tried);
    }
  }
}

/**
 * The subnets of tenants' networks, for engines that have to choose them. They are no part of the contract: an engine
 * that gets its addresses from its surroundings knows nothing of them.
 */
import { EngineError } from './contract.ts';

export interface TenantSubnets {
  /** CIDR, a /26 of 10.0.0.0/8. */
  ipv4Subnet: string;
  /** CIDR, a /64. The first address (`…::1`) is the gateway's. */
  ipv6Subnet: string;
}

/** Remembers which subnets each tenant has. All workers of an installation share one. */
export interface SubnetStore {
  /** The tenant's subnets. A tenant without an IPv4 subnet is given one first. */
  ensure(tenantId: number): Promise<TenantSubnets>;
  /** Gives the tenant another IPv4 subnet in place of `refused`. What another worker chose meanwhile stands. */
  replace(tenantId: number, refused: string): Promise<TenantSubnets>;
}

const MAX_SUBNETS_TRIED = 64;

/**
 * Runs `use` with the tenant's subnets. Networks of others on the host are found by trying: while `use` fails because
 * a subnet is in use, the tenant is given another one.
 * @throws EngineError `subnet_in_use` when each of many was in use, and what `use` throws.
 */
export async function subnetsTry<T>(
  store: SubnetStore,
  tenantId: number,
  use: (subnets: TenantSubnets) => Promise<T>,
): Promise<T> {
  let subnets = await store.ensure(tenantId);
  for (let tried = 1; ; tried += 1) {
    try {
      return await use(subnets);
    } catch (error) {
      const isTaken = error instanceof EngineError && error.reason === 'subnet_in_use';
      if (!isTaken || tried >= MAX_SUBNETS_TRIED) throw error;
      subnets = await store.replace(tenantId, subnets.ipv4Subnet);
    }
  }
}

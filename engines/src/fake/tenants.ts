/** The networks of a fake world. */
import { EngineError } from '../contract.ts';
import type { TenantSubnets } from '../subnets.ts';
import type { FakeTenant, FakeWorld } from './world.ts';

function tenantFind(world: FakeWorld, installationId: string, id: number): FakeTenant | undefined {
  for (const tenant of world.tenants.values()) {
    if (tenant.installationId === installationId && tenant.id === id) return tenant;
  }
  return undefined;
}

function isSame(a: TenantSubnets | null, b: TenantSubnets | null): boolean {
  return a?.ipv4Subnet === b?.ipv4Subnet && a?.ipv6Subnet === b?.ipv6Subnet;
}

/** @throws EngineError `subnet_in_use` if another network has one of these subnets. */
function requireUnused(world: FakeWorld, found: FakeTenant | undefined, wanted: TenantSubnets) {
  const { ipv4Subnet, ipv6Subnet } = wanted;
  for (const tenant of world.tenants.values()) {
    if (tenant === found) continue;
    const { subnets } = tenant;
    if (subnets?.ipv4Subnet === ipv4Subnet || subnets?.ipv6Subnet === ipv6Subnet) {
      const message = `Another network uses ${ipv4Subnet} or ${ipv6Subnet}.`;
      throw new EngineError('conflict', 'subnet_in_use', message);
    }
  }
}

/** Replaces a network that has other subnets and disconnects what is on it. @throws EngineError `subnet_in_use`. */
export function tenantEnsure(
  world: FakeWorld,
  installationId: string,
  id: number,
  subnets: TenantSubnets | null,
): void {
  const found = tenantFind(world, installationId, id);
  if (found !== undefined && isSame(found.subnets, subnets)) return;
  if (subnets !== null) requireUnused(world, found, subnets);
  if (found !== undefined) {
    for (const container of world.tenantContainers(installationId, id)) {
      container.connected = false;
    }
    world.tenants.delete(found.ref);
  }
  const ref = world.nextRef('tenant');
  world.tenants.set(ref, { ref, installationId, id, subnets });
}

/** @throws EngineError `network_in_use` while containers run on it, as Docker does. */
export function tenantRemove(world: FakeWorld, installationId: string, id: number): void {
  const tenant = tenantFind(world, installationId, id);
  if (tenant === undefined) return;
  for (const { connected, state } of world.tenantContainers(installationId, id)) {
    if (connected && (state === 'running' || state === 'paused')) {
      throw new EngineError('retryable', 'network_in_use', "The org's network is still in use.");
    }
  }
  world.tenants.delete(tenant.ref);
}

export function tenantList(
  world: FakeWorld,
  installationId: string,
): { ref: string; id: number }[] {
  return [...world.tenants.values()]
    .filter((tenant) => tenant.installationId === installationId)
    .map(({ ref, id }) => ({ ref, id }));
}

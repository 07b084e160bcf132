/** The networks of a fake world. */
import type { TenantSpec } from '../contract.ts';
import { EngineError } from '../contract.ts';
import type { FakeTenant, FakeWorld } from './world.ts';

function tenantFind(world: FakeWorld, installationId: string, id: number): FakeTenant | undefined {
  for (const tenant of world.tenants.values()) {
    if (tenant.installationId === installationId && tenant.spec.id === id) return tenant;
  }
  return undefined;
}

/** A network of other subnets is replaced, and what is on it disconnected. @throws EngineError `subnet_in_use`. */
export function tenantEnsure(world: FakeWorld, installationId: string, spec: TenantSpec): void {
  const found = tenantFind(world, installationId, spec.id);
  const { ipv4Subnet, ipv6Subnet } = spec;
  if (found?.spec.ipv4Subnet === ipv4Subnet && found.spec.ipv6Subnet === ipv6Subnet) return;
  for (const tenant of world.tenants.values()) {
    const { spec: other } = tenant;
    if (tenant === found) continue;
    if (other.ipv4Subnet === ipv4Subnet || other.ipv6Subnet === ipv6Subnet) {
      const message = `Another network uses ${ipv4Subnet} or ${ipv6Subnet}.`;
      throw new EngineError('conflict', 'subnet_in_use', message);
    }
  }
  if (found !== undefined) {
    for (const container of world.tenantContainers(installationId, spec.id)) {
      container.connected = false;
    }
    world.tenants.delete(found.ref);
  }
  const ref = world.nextRef('tenant');
  world.tenants.set(ref, { ref, installationId, spec });
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
    .map(({ ref, spec }) => ({ ref, id: spec.id }));
}

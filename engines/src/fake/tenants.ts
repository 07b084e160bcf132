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

/** @throws EngineError `subnet_in_use` when another network has one of its subnets. */
export function tenantEnsure(world: FakeWorld, installationId: string, spec: TenantSpec): void {
  if (tenantFind(world, installationId, spec.id) !== undefined) return;
  for (const { spec: other } of world.tenants.values()) {
    if (other.ipv4Subnet === spec.ipv4Subnet || other.ipv6Subnet === spec.ipv6Subnet) {
      throw new EngineError(
        'conflict',
        'subnet_in_use',
        `Another network has the subnet ${spec.ipv4Subnet} or ${spec.ipv6Subnet}.`,
      );
    }
  }
  const ref = world.nextRef('tenant');
  world.tenants.set(ref, { ref, installationId, spec });
}

/** @throws EngineError `tenant_in_use` while containers are on it, as Docker does. */
export function tenantRemove(world: FakeWorld, installationId: string, id: number): void {
  const tenant = tenantFind(world, installationId, id);
  if (tenant === undefined) return;
  for (const { spec, connected, state } of world.containersOf(installationId)) {
    if (spec.tenantId === id && connected && (state === 'running' || state === 'paused')) {
      throw new EngineError('retryable', 'tenant_in_use', 'Containers are still on this network.');
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

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec, TenantSpec } from '../contract.ts';
import {
  macAddress,
  renderContainer,
  renderContainerName,
  renderNetwork,
  tenantNetworkShape,
  UNPROTECTED_IPV6,
} from './render.ts';

const INSTALLATION = 'abcdefgh1234';

const spec: ContainerSpec = {
  id: 7,
  tenantId: 3,
  name: 'web',
  image: 'nginx:1.27',
  imageId: `sha256:${'1'.repeat(64)}`,
  env: { A: 'b' },
  command: ['run', 'it'],
  ports: [80],
  ipv6Address: 'fd00::107',
  volumes: [{ volume: { id: 5, uid: 'aaaabbbbccccdddd' }, mountPath: '/data' }],
};

const tenant: TenantSpec = { id: 3, ipv4Subnet: '10.1.2.64/26', ipv6Subnet: 'fd00:1:2:3::/64' };

function wire(changed: ContainerSpec): string {
  // Without the hash of the spec, which moves with everything.
  const body = renderContainer(INSTALLATION, changed);
  const labels = { ...body.Labels, 'dollarbox.spec': '' };
  return JSON.stringify([renderContainerName(INSTALLATION, changed), { ...body, Labels: labels }]);
}

/** A new field of the spec without a line here does not compile. */
const CHANGES: Record<keyof ContainerSpec, Partial<ContainerSpec>> = {
  id: { id: 8 },
  tenantId: { tenantId: 4 },
  name: { name: 'other' },
  image: { image: 'nginx:1.28' },
  imageId: { imageId: `sha256:${'2'.repeat(64)}` },
  env: { env: { A: 'c' } },
  command: { command: ['run'] },
  ports: { ports: [80, 443] },
  ipv6Address: { ipv6Address: 'fd00::108' },
  volumes: { volumes: [{ volume: { id: 5, uid: 'aaaabbbbccccdddd' }, mountPath: '/other' }] },
};

for (const [field, change] of Object.entries(CHANGES)) {
  test(`a container's ${field} reaches Docker`, () => {
    // What the client wrote was resolved: the same image under another name is no other container.
    if (field === 'image') assert.equal(wire({ ...spec, ...change }), wire(spec));
    else assert.notEqual(wire({ ...spec, ...change }), wire(spec));
  });
}

const TENANT_CHANGES: Record<keyof TenantSpec, Partial<TenantSpec>> = {
  id: { id: 4 },
  ipv4Subnet: { ipv4Subnet: '10.1.2.128/26' },
  ipv6Subnet: { ipv6Subnet: 'fd00:1:2:4::/64' },
};

for (const [field, change] of Object.entries(TENANT_CHANGES)) {
  test(`a tenant's ${field} reaches Docker`, () => {
    const render = (changed: TenantSpec) =>
      JSON.stringify(renderNetwork(tenantNetworkShape(INSTALLATION, changed)));
    assert.notEqual(render({ ...tenant, ...change }), render(tenant));
  });
}

test('a command replaces the entrypoint and the command; none leaves the image its own', () => {
  const body = renderContainer(INSTALLATION, spec);
  assert.deepEqual([body.Entrypoint, body.Cmd], [['run', 'it'], []]);
  const plain = renderContainer(INSTALLATION, { ...spec, command: [] });
  assert.ok(!('Entrypoint' in plain) && !('Cmd' in plain));
});

test("a network's own options reach Docker, beside those that all have", () => {
  const shape = tenantNetworkShape(INSTALLATION, tenant);
  const plain = renderNetwork(shape).Options;
  const { Options } = renderNetwork({ ...shape, options: UNPROTECTED_IPV6 });
  assert.deepEqual(Options, { ...plain, ...UNPROTECTED_IPV6 });
});

test("a tenant's bridge fits an interface's name, whatever the id", () => {
  const largest = tenantNetworkShape(INSTALLATION, { ...tenant, id: 36 ** 7 - 1 });
  assert.equal(largest.bridge.length, 15);
  assert.match(largest.bridge, /^dbx[a-z0-9]{12}$/);
});

test('the gateway of a /64 is its first address, however the subnet is written', () => {
  for (const ipv6Subnet of ['fd00:1:2:3::/64', 'fd00:1:2:3:0:0:0:0/64', 'FD00:0001:2:3::/64']) {
    const network = renderNetwork(tenantNetworkShape(INSTALLATION, { ...tenant, ipv6Subnet }));
    assert.equal(network.IPAM?.Config?.[1]?.Gateway, 'fd00:1:2:3::1');
  }
});

test('a link address is the same for the same container, and another for another', () => {
  assert.equal(macAddress(1), '06:00:00:00:00:01');
  assert.equal(renderContainer(INSTALLATION, spec).MacAddress, macAddress(spec.id));
  assert.notEqual(macAddress(65_537), macAddress(1));
});

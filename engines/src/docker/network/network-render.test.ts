import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TenantSubnets } from '../../subnets.ts';
import { UNPROTECTED_IPV6, networkRender, tenantNetworkShape } from './network-render.ts';

const INSTALLATION = 'abcdefgh1234';

const subnets: TenantSubnets = { ipv4Subnet: '10.1.2.64/26', ipv6Subnet: 'fd00:1:2:3::/64' };

const SUBNET_CHANGES: Record<keyof TenantSubnets, Partial<TenantSubnets>> = {
  ipv4Subnet: { ipv4Subnet: '10.1.2.128/26' },
  ipv6Subnet: { ipv6Subnet: 'fd00:1:2:4::/64' },
};

const networkWire = (tenantId: number, changed: TenantSubnets) =>
  JSON.stringify(networkRender(tenantNetworkShape(INSTALLATION, tenantId, changed)));

for (const [field, change] of Object.entries(SUBNET_CHANGES)) {
  test(`a tenant's ${field} reaches Docker`, () => {
    assert.notEqual(networkWire(3, { ...subnets, ...change }), networkWire(3, subnets));
  });
}

test("a tenant's id reaches Docker", () => {
  assert.notEqual(networkWire(4, subnets), networkWire(3, subnets));
});

test("a network's own options reach Docker, in addition to the common ones", () => {
  const shape = tenantNetworkShape(INSTALLATION, 3, subnets);
  const plain = networkRender(shape).Options;
  const { Options } = networkRender({ ...shape, options: UNPROTECTED_IPV6 });
  assert.deepEqual(Options, { ...plain, ...UNPROTECTED_IPV6 });
});

test("a tenant's bridge fits an interface's name, whatever the id", () => {
  const largest = tenantNetworkShape(INSTALLATION, 36 ** 7 - 1, subnets);
  assert.equal(largest.bridge.length, 15);
  assert.match(largest.bridge, /^dbx[a-z0-9]{12}$/);
});

test('the gateway of a /64 is its first address, however the subnet is written', () => {
  for (const ipv6Subnet of ['fd00:1:2:3::/64', 'fd00:1:2:3:0:0:0:0/64', 'FD00:0001:2:3::/64']) {
    const network = networkRender(tenantNetworkShape(INSTALLATION, 3, { ...subnets, ipv6Subnet }));
    assert.equal(network.IPAM?.Config?.[1]?.Gateway, 'fd00:1:2:3::1');
  }
});

test("the MTU of the host's uplink reaches Docker where it is known", () => {
  const shape = tenantNetworkShape(INSTALLATION, 3, subnets);
  const { Options: plain } = networkRender(shape);
  const { Options } = networkRender(shape, 1400);
  assert.deepEqual(Options, { ...plain, 'com.docker.network.driver.mtu': '1400' });
});

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { elsewhereOpen, ipRun } from '@dollarbox/testbed/elsewhere';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import { EngineError } from '../../contract.ts';
import type { Engine, TenantSpec } from '../../contract.ts';
import { bridgeName, containerDockerName, LABELS, networkDockerName } from '../base/names.ts';
import { networkRender, tenantNetworkShape } from './network-render.ts';
import {
  docker,
  httpGet,
  ipv4Of,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  insideRun,
  specOf,
  waitFor,
} from '../test/setup.ts';
import type { TestTenant } from '../test/setup.ts';

const ORGS = 100;

describe("tenants' networks on Docker", { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  let engine: Engine;
  let images: TestImages;

  before(async () => {
    images = await imagesBuild(docker);
    engine = testEngineCreate({ installationId });
    await engine.host?.start();
  });
  after(async () => {
    await engine.close();
    await testInstallationRemove(installationId);
  });

  const conflict = (reason: string) => (error: unknown) =>
    error instanceof EngineError && error.kind === 'conflict' && error.reason === reason;

  const inspect = (tenant: TenantSpec) =>
    docker.getNetwork(networkDockerName(installationId, tenant.id)).inspect();

  const subnetsOf = async (tenant: TenantSpec) =>
    (await inspect(tenant)).IPAM?.Config?.map(({ Subnet }) => Subnet);

  test('a hundred orgs have networks at once, apart from each other', async () => {
    const [second, prefix] = [
      randomInt(100, 250),
      testTenantCreate(0).ipv6Subnet.replace(/:0::\/64$/, ''),
    ];
    const tenants = Array.from({ length: ORGS }, (_, index): TestTenant => {
      const [third, fourth] = [index >> 2, 64 * (index & 3)];
      return {
        id: 1000 + index,
        ipv4Subnet: `10.${second}.${third}.${fourth}/26`,
        ipv6Subnet: `${prefix}:${(1000 + index).toString(16)}::/64`,
      };
    });
    const waiting = tenants.values();
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (const tenant of waiting) await engine.tenants.ensure(tenant);
      }),
    );
    const listed = (await engine.tenants.list()).map(({ id }) => id).toSorted((a, b) => a - b);
    assert.deepEqual(
      listed,
      tenants.map(({ id }) => id),
    );

    const [first, middle, last] = [tenants[0], tenants[ORGS / 2], tenants[ORGS - 1]];
    assert.ok(first !== undefined && middle !== undefined && last !== undefined);
    const shell = await engine.containers.apply(await specOf(images.shell, middle, 1));
    for (const [tenant, id] of [
      [first, 2],
      [middle, 3],
      [last, 4],
    ] as const) {
      const spec = await specOf(images.web, tenant, id);
      const { ref } = await engine.containers.apply(spec);
      for (const address of [spec.ipv6Address, await ipv4Of(ref)]) {
        await waitFor(address, () => httpGet(address, 8080, '/').catch(() => null));
        const url = `http://${address.includes(':') ? `[${address}]` : address}:8080/`;
        const fetchOnce = () => insideRun(shell.ref, `timeout 3 wget -qO- '${url}' 2>/dev/null`);
        if (tenant === middle) await waitFor(address, async () => (await fetchOnce()) !== '');
        else assert.equal(await fetchOnce(), '', `${address} of org ${tenant.id}`);
      }
    }
    for (const { ref } of await engine.containers.list()) await engine.containers.end(ref, 0);
    for (const { id } of tenants) await engine.tenants.remove(id);
    assert.deepEqual(await engine.tenants.list(), []);
  });

  test('a network with other subnets is recreated, containers and all', async () => {
    const before = testTenantCreate(1);
    const now = { ...testTenantCreate(1), id: 1 };
    await engine.tenants.ensure(before);
    await engine.containers.apply(await specOf(images.shell, before, 10));
    await engine.tenants.ensure(now);
    assert.deepEqual(await subnetsOf(now), [now.ipv4Subnet, now.ipv6Subnet]);
    const found = (await engine.containers.observe(10)) ?? assert.fail();
    assert.deepEqual([found.state, found.connected], ['running', false]);
    await engine.containers.end(found.ref, 0);
    const again = await engine.containers.apply(await specOf(images.shell, now, 10));
    assert.equal(again.connected, true);
    await engine.containers.end(again.ref, 0);
    await engine.tenants.remove(1);
  });

  test('a network whose bridge someone removed is recreated', { skip: !isRoot() }, async () => {
    const tenant = testTenantCreate(9);
    await engine.tenants.ensure(tenant);
    await engine.containers.apply(await specOf(images.web, tenant, 90));
    await ipRun('link', 'delete', bridgeName(installationId, 9));
    const spec = await specOf(images.web, tenant, 91);
    const made = await engine.containers.apply(spec);
    assert.equal(made.connected, true);
    await waitFor('an answer', () => httpGet(spec.ipv6Address, 8080, '/').catch(() => null));
    // Its neighbour lost the network with the bridge, and is reported as disconnected.
    const neighbour = await specOf(images.web, tenant, 90);
    assert.equal((await engine.containers.observe(90))?.connected, false);
    assert.equal((await engine.containers.apply(neighbour)).connected, true);
    await waitFor('an answer', () => httpGet(neighbour.ipv6Address, 8080, '/').catch(() => null));
    for (const { ref } of await engine.containers.list()) await engine.containers.end(ref, 0);
    await engine.tenants.remove(9);
  });

  test('of several networks of one tenant, one stays', async () => {
    const tenant = testTenantCreate(2);
    const { ipv4Subnet, ipv6Subnet } = testTenantCreate(2);
    const shape = tenantNetworkShape(installationId, tenant.id, tenant);
    // As a crashed or an older process may leave it: Docker does not require the name to be unique.
    const odd = { ...shape, ipv4Subnet, ipv6Subnet, bridge: `${shape.bridge}x` };
    await docker.createNetwork({ ...networkRender(odd), CheckDuplicate: false });
    await docker.createNetwork({ ...networkRender(shape), CheckDuplicate: false });
    assert.equal((await engine.tenants.list()).filter(({ id }) => id === 2).length, 2);
    await engine.tenants.ensure(tenant);
    assert.equal((await engine.tenants.list()).filter(({ id }) => id === 2).length, 1);
    assert.deepEqual(await subnetsOf(tenant), [tenant.ipv4Subnet, tenant.ipv6Subnet]);
    await engine.tenants.remove(2);
  });

  test('foreign networks and containers that are in the way are left unchanged', async () => {
    const tenant = testTenantCreate(3);
    const { ipv4Subnet, ipv6Subnet } = testTenantCreate(3);
    const shape = tenantNetworkShape(installationId, 3, { ipv4Subnet, ipv6Subnet });
    const named = await docker.createNetwork(networkRender({ ...shape, labels: {} }));
    await assert.rejects(engine.tenants.ensure(tenant), conflict('name_taken'));
    await engine.tenants.remove(3);
    assert.equal((await inspect(tenant)).Id, named.id);
    await named.remove();

    await engine.tenants.ensure(tenant);
    const network = await inspect(tenant);
    const foreign = await docker.createContainer({
      Image: images.shell,
      name: `foreign-${installationId}`,
      HostConfig: { NetworkMode: network.Name },
    });
    try {
      await foreign.start();
      const other = { ...tenant, ipv4Subnet, ipv6Subnet };
      await assert.rejects(engine.tenants.ensure(other), conflict('network_in_use'));
      assert.equal((await inspect(tenant)).Id, network.Id);
      assert.equal((await foreign.inspect()).State.Running, true);
    } finally {
      await foreign.remove({ force: true });
    }
    await engine.tenants.remove(3);
  });

  test('a tenant gets another subnet where another network has the first', async () => {
    const taken = testTenantCreate(10);
    const { ipv4Subnet } = taken;
    const foreign = await docker.createNetwork({
      Name: `taken-${installationId}`,
      IPAM: { Config: [{ Subnet: ipv4Subnet }] },
    });
    try {
      await engine.tenants.ensure(taken);
      const subnets = await subnetsOf(taken);
      assert.equal(subnets?.[1], taken.ipv6Subnet);
      assert.notEqual(subnets?.[0], ipv4Subnet);
      await engine.tenants.remove(10);
    } finally {
      await foreign.remove();
    }
  });

  test('a foreign container with our name is not treated as ours', async () => {
    const tenant = testTenantCreate(4);
    await engine.tenants.ensure(tenant);
    const name = containerDockerName(installationId, 40);
    const foreign = await docker.createContainer({
      Image: images.shell,
      name,
      HostConfig: { NetworkMode: 'none' },
    });
    try {
      await foreign.start();
      const spec = await specOf(images.shell, tenant, 40);
      assert.equal(await engine.containers.observe(40), null);
      await assert.rejects(engine.containers.apply(spec), conflict('name_taken'));
      await engine.containers.end(foreign.id, 10_000);
      await engine.containers.end(foreign.id, 0);
      await engine.containers.end(name, 0);
      assert.deepEqual(await engine.containers.list(), []);
      assert.equal((await foreign.inspect()).State.Running, true);
      const logs = await engine.access.logs(foreign.id, { tailLines: 9, maxBytes: 99 });
      assert.equal(logs, '');
    } finally {
      await foreign.remove({ force: true });
      await engine.tenants.remove(4);
    }
  });

  test('a name or a prefix of an id is not a valid reference', async () => {
    const tenant = testTenantCreate(5);
    await engine.tenants.ensure(tenant);
    const { ref } = await engine.containers.apply(await specOf(images.shell, tenant, 50));
    await engine.containers.end(containerDockerName(installationId, 50), 0);
    await engine.containers.end(ref.slice(0, 12), 0);
    assert.equal((await engine.containers.observe(50))?.state, 'running');
    await engine.containers.end(ref, 0);
    await engine.tenants.remove(5);
  });

  test('a subnet without a free IPv4 address is reported as such, and recovers', async () => {
    const tenant = { ...testTenantCreate(6), id: 6 };
    // Room for the gateway and one container.
    const small = { ...tenant, ipv4Subnet: tenant.ipv4Subnet.replace('/26', '/30') };
    await engine.tenants.ensure(small);
    const [first, next] = [
      await specOf(images.shell, small, 60),
      await specOf(images.shell, small, 61),
    ];
    const { ref } = await engine.containers.apply(first);
    await assert.rejects(engine.containers.apply(next), {
      kind: 'retryable',
      reason: 'unschedulable',
    });
    await engine.containers.end(ref, 0);
    assert.equal((await engine.containers.apply(next)).state, 'running');
    for (const each of await engine.containers.list()) await engine.containers.end(each.ref, 0);
    await engine.tenants.remove(6);
  });

  test(
    'subnets in which the machine has neighbours are left alone',
    { skip: !isRoot() },
    async () => {
      const elsewhere = await elsewhereOpen([80]);
      try {
        const ipv4Subnet = elsewhere.privateIpv4.replace(/\d+$/, '0/24');
        const tenant = { ...testTenantCreate(7), ipv4Subnet };
        await engine.tenants.ensure(tenant);
        assert.ok(!(await subnetsOf(tenant))?.includes(ipv4Subnet));
        await engine.tenants.remove(7);
        // An org keeps its IPv6 subnet permanently, so there is no other to try.
        const ipv6Subnet = elsewhere.privateIpv6.replace(/::2$/, '::/64');
        const stuck = { ...testTenantCreate(7), ipv6Subnet };
        await assert.rejects(engine.tenants.ensure(stuck), conflict('subnet_in_use'));
        assert.equal(await httpGet(elsewhere.privateIpv6, 80, '/'), 'elsewhere');
      } finally {
        await elsewhere.close();
      }
    },
  );

  test('objects that are not ours are neither listed nor removed', async () => {
    const tenant = testTenantCreate(8);
    const otherId = installationIdCreate();
    const other = testEngineCreate({ installationId: otherId });
    await other.host?.start();
    await other.tenants.ensure(tenant);
    const theirs = await other.containers.apply(await specOf(images.shell, tenant, 80));
    assert.deepEqual(await engine.containers.list(), []);
    assert.deepEqual(await engine.tenants.list(), []);
    assert.equal(await engine.containers.observe(80), null);
    await engine.containers.end(theirs.ref, 0);
    await engine.tenants.remove(8);
    assert.equal((await other.containers.observe(80))?.state, 'running');
    await other.close();
    const labels = (await docker.getContainer(theirs.ref).inspect()).Config.Labels;
    assert.equal(labels[LABELS.installation], otherId);
    await testInstallationRemove(otherId);
  });
});

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

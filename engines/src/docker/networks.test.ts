import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/testbed/docker';
import { elsewhereOpen, ipRun } from '@dollarbox/testbed/elsewhere';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import { EngineError } from '../contract.ts';
import type { Engine, TenantSpec } from '../contract.ts';
import { bridgeName, containerDockerName, LABELS, networkDockerName } from './names.ts';
import { renderNetwork, tenantNetworkShape } from './render.ts';
import {
  docker,
  httpGet,
  ipv4Of,
  newEngine,
  newInstallationId,
  newTenant,
  removeInstallation,
  runInside,
  specOf,
  waitFor,
} from './test-setup.ts';

const ORGS = 100;

describe("tenants' networks on Docker", { skip: await dockerSkip() }, () => {
  const installationId = newInstallationId();
  let engine: Engine;
  let images: TestImages;

  before(async () => {
    images = await imagesBuild(docker);
    engine = newEngine({ installationId });
    await engine.start();
  });
  after(async () => {
    await engine.close();
    await removeInstallation(installationId);
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
      newTenant(0).ipv6Subnet.replace(/:0::\/64$/, ''),
    ];
    const tenants = Array.from({ length: ORGS }, (_, index): TenantSpec => {
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
    const shell = await engine.containers.apply(await specOf(images.shell, middle, 1), middle);
    for (const [tenant, id] of [
      [first, 2],
      [middle, 3],
      [last, 4],
    ] as const) {
      const spec = await specOf(images.web, tenant, id);
      const { ref } = await engine.containers.apply(spec, tenant);
      for (const address of [spec.ipv6Address, await ipv4Of(ref)]) {
        await waitFor(address, () => httpGet(address, 8080, '/').catch(() => null));
        const url = `http://${address.includes(':') ? `[${address}]` : address}:8080/`;
        const answer = await runInside(shell.ref, `timeout 3 wget -qO- '${url}' 2>/dev/null`);
        assert.equal(answer !== '', tenant === middle, `${address} of org ${tenant.id}`);
      }
    }
    for (const { ref } of await engine.containers.list()) await engine.containers.remove(ref);
    for (const { id } of tenants) await engine.tenants.remove(id);
    assert.deepEqual(await engine.tenants.list(), []);
  });

  test('a network with other subnets is made anew, containers and all', async () => {
    const before = newTenant(1);
    const now = { ...newTenant(1), id: 1 };
    await engine.tenants.ensure(before);
    await engine.containers.apply(await specOf(images.shell, before, 10), before);
    await engine.tenants.ensure(now);
    assert.deepEqual(await subnetsOf(now), [now.ipv4Subnet, now.ipv6Subnet]);
    const found = (await engine.containers.observe(10)) ?? assert.fail();
    assert.deepEqual([found.state, found.connected], ['running', false]);
    await engine.containers.remove(found.ref);
    const again = await engine.containers.apply(await specOf(images.shell, now, 10), now);
    assert.equal(again.connected, true);
    await engine.containers.remove(again.ref);
    await engine.tenants.remove(1);
  });

  test('a network whose bridge someone removed is made anew', { skip: !isRoot() }, async () => {
    const tenant = newTenant(9);
    await engine.tenants.ensure(tenant);
    await engine.containers.apply(await specOf(images.web, tenant, 90), tenant);
    await ipRun('link', 'delete', bridgeName(installationId, 9));
    const spec = await specOf(images.web, tenant, 91);
    const made = await engine.containers.apply(spec, tenant);
    assert.equal(made.connected, true);
    await waitFor('an answer', () => httpGet(spec.ipv6Address, 8080, '/').catch(() => null));
    // Its neighbour lost the network with the bridge, and is told to have.
    const neighbour = await specOf(images.web, tenant, 90);
    assert.equal((await engine.containers.observe(90))?.connected, false);
    assert.equal((await engine.containers.apply(neighbour, tenant)).connected, true);
    await waitFor('an answer', () => httpGet(neighbour.ipv6Address, 8080, '/').catch(() => null));
    for (const { ref } of await engine.containers.list()) await engine.containers.remove(ref);
    await engine.tenants.remove(9);
  });

  test('of several networks of one tenant, one stays', async () => {
    const tenant = newTenant(2);
    const { ipv4Subnet, ipv6Subnet } = newTenant(2);
    const shape = tenantNetworkShape(installationId, tenant);
    // As a crashed or an older process may leave it: the name is not unique to Docker.
    const odd = { ...shape, ipv4Subnet, ipv6Subnet, bridge: `${shape.bridge}x` };
    await docker.createNetwork({ ...renderNetwork(odd), CheckDuplicate: false });
    await docker.createNetwork({ ...renderNetwork(shape), CheckDuplicate: false });
    assert.equal((await engine.tenants.list()).filter(({ id }) => id === 2).length, 2);
    await engine.tenants.ensure(tenant);
    assert.equal((await engine.tenants.list()).filter(({ id }) => id === 2).length, 1);
    assert.deepEqual(await subnetsOf(tenant), [tenant.ipv4Subnet, tenant.ipv6Subnet]);
    await engine.tenants.remove(2);
  });

  test('foreign networks and containers are in the way, and stay as they are', async () => {
    const tenant = newTenant(3);
    const { ipv4Subnet, ipv6Subnet } = newTenant(3);
    const shape = tenantNetworkShape(installationId, { id: 3, ipv4Subnet, ipv6Subnet });
    const named = await docker.createNetwork(renderNetwork({ ...shape, labels: {} }));
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

  test('a foreign container under our name is not taken for ours', async () => {
    const tenant = newTenant(4);
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
      await assert.rejects(engine.containers.observe(40), conflict('name_taken'));
      await assert.rejects(engine.containers.apply(spec, tenant), conflict('name_taken'));
      await engine.containers.stop(foreign.id);
      await engine.containers.remove(foreign.id);
      await engine.containers.remove(name);
      assert.deepEqual(await engine.containers.list(), []);
      assert.equal((await foreign.inspect()).State.Running, true);
      const logs = await engine.containers.logs(foreign.id, { tailLines: 9, maxBytes: 99 });
      assert.equal(logs, '');
    } finally {
      await foreign.remove({ force: true });
      await engine.tenants.remove(4);
    }
  });

  test('a name or the beginning of an id is no reference', async () => {
    const tenant = newTenant(5);
    await engine.tenants.ensure(tenant);
    const { ref } = await engine.containers.apply(await specOf(images.shell, tenant, 50), tenant);
    await engine.containers.remove(containerDockerName(installationId, 50));
    await engine.containers.remove(ref.slice(0, 12));
    assert.equal((await engine.containers.observe(50))?.state, 'running');
    await engine.containers.remove(ref);
    await engine.tenants.remove(5);
  });

  test('a subnet without a free IPv4 address is told as such, and heals', async () => {
    const tenant = { ...newTenant(6), id: 6 };
    // Room for the gateway and one container.
    const small = { ...tenant, ipv4Subnet: tenant.ipv4Subnet.replace('/26', '/30') };
    await engine.tenants.ensure(small);
    const [first, next] = [
      await specOf(images.shell, small, 60),
      await specOf(images.shell, small, 61),
    ];
    const { ref } = await engine.containers.apply(first, small);
    await assert.rejects(engine.containers.apply(next, small), {
      kind: 'retryable',
      reason: 'unschedulable',
    });
    await engine.containers.remove(ref);
    assert.equal((await engine.containers.apply(next, small)).state, 'running');
    for (const each of await engine.containers.list()) await engine.containers.remove(each.ref);
    await engine.tenants.remove(6);
  });

  test(
    'subnets in which the machine has neighbours are left alone',
    { skip: !isRoot() },
    async () => {
      const elsewhere = await elsewhereOpen([80]);
      try {
        for (const taken of [
          { ipv4Subnet: elsewhere.privateIpv4.replace(/\d+$/, '0/24') },
          { ipv6Subnet: elsewhere.privateIpv6.replace(/::2$/, '::/64') },
        ]) {
          const tenant = { ...newTenant(7), ...taken };
          await assert.rejects(engine.tenants.ensure(tenant), conflict('subnet_in_use'));
        }
        assert.equal(await httpGet(elsewhere.privateIpv6, 80, '/'), 'elsewhere');
      } finally {
        await elsewhere.close();
      }
    },
  );

  test('what is not ours is neither listed nor removed', async () => {
    const tenant = newTenant(8);
    const otherId = newInstallationId();
    const other = newEngine({ installationId: otherId });
    await other.start();
    await other.tenants.ensure(tenant);
    const theirs = await other.containers.apply(await specOf(images.shell, tenant, 80), tenant);
    assert.deepEqual(await engine.containers.list(), []);
    assert.deepEqual(await engine.tenants.list(), []);
    assert.equal(await engine.containers.observe(80), null);
    await engine.containers.remove(theirs.ref);
    await engine.tenants.remove(8);
    assert.equal((await other.containers.observe(80))?.state, 'running');
    await other.close();
    const labels = (await docker.getContainer(theirs.ref).inspect()).Config.Labels;
    assert.equal(labels[LABELS.installation], otherId);
    await removeInstallation(otherId);
  });
});

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { dockerSkip } from '@dollarbox/host/docker';
import { elsewhereOpen } from '@dollarbox/testbed/elsewhere';
import type { Elsewhere } from '@dollarbox/testbed/elsewhere';
import { imagesBuild } from '@dollarbox/testbed/images';
import { networkRemove } from '@dollarbox/testbed/installation-objects';
import type { TestImages } from '@dollarbox/testbed/images';
import type { ContainerObservation, Engine } from '../../contract.ts';
import { nftRun } from './firewall.ts';
import { firewallRender } from './firewall-rules.ts';
import { hostAddressesRead } from './host-network.ts';
import { bridgeName, bridgePrefix, firewallTable } from '../base/names.ts';
import { ALL_IPV6 } from './reach.ts';
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

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');
const WEB_PORT = 8080;

/** @param closedIpv6 the addresses that other machines can't reach. It must change nothing between containers. */
function isolationTest(closedIpv6: string): void {
  const installationId = installationIdCreate();
  const [one, two] = [testTenantCreate(1), testTenantCreate(2)];
  const hostServer = http.createServer((_, reply) => reply.end('the host'));
  let engine: Engine;
  let images: TestImages;
  let elsewhere: Elsewhere;
  let shell: ContainerObservation;
  let neighbour: ContainerObservation;
  let stranger: ContainerObservation;
  const addresses = { neighbour: ['', ''], stranger: ['', ''] };

  function url(address: string, port: number): string {
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}/`;
  }

  /** Waits for the reply to a container from an address that it may reach. */
  function fetchAllowed(ref: string, address: string, port: number): Promise<string> {
    return waitFor(`${address} from a container`, async () => {
      const answer = await fetchFrom(ref, address, port);
      return answer !== '' && answer;
    });
  }

  /** The reply to a container from that address; empty if there is none. */
  async function fetchFrom(ref: string, address: string, port: number): Promise<string> {
    return insideRun(ref, `timeout 3 wget -qO- '${url(address, port)}' 2>/dev/null`);
  }

  async function reachesNone(ref: string, hosts: readonly string[], port: number): Promise<void> {
    const answers = await Promise.all(hosts.map((host) => fetchFrom(ref, host, port)));
    assert.deepEqual(
      answers,
      hosts.map(() => ''),
      hosts.join(),
    );
  }

  before(async () => {
    images = await imagesBuild(docker);
    elsewhere = await elsewhereOpen([53, 80, WEB_PORT]);
    hostServer.listen(0, '::');
    await once(hostServer, 'listening');
    engine = testEngineCreate({ installationId, closedIpv6: () => closedIpv6 });
    await engine.host?.start();
    await engine.tenants.ensure(one);
    await engine.tenants.ensure(two);
    shell = await engine.containers.apply(await specOf(images.shell, one, 1));
    const webs = [await specOf(images.web, one, 2), await specOf(images.web, two, 3)] as const;
    neighbour = await engine.containers.apply(webs[0]);
    stranger = await engine.containers.apply(webs[1]);
    addresses.neighbour = [await ipv4Of(neighbour.ref), webs[0].ipv6Address];
    addresses.stranger = [await ipv4Of(stranger.ref), webs[1].ipv6Address];
  });
  after(async () => {
    hostServer.close();
    await engine.close();
    await testInstallationRemove(installationId);
    await elsewhere.close();
  });

  test('the host reaches containers, and containers their neighbours, on IPv4 and IPv6', async () => {
    for (const address of [...addresses.neighbour, ...addresses.stranger]) {
      await waitFor(address, () => httpGet(address, WEB_PORT, '/').catch(() => null));
    }
    for (const address of addresses.neighbour) {
      assert.match(await fetchAllowed(shell.ref, address, WEB_PORT), /^web /);
    }
    assert.match(await fetchAllowed(shell.ref, neighbour.name, WEB_PORT), /^web /);
  });

  test("nothing reaches another org's containers, by address or name", async () => {
    await reachesNone(shell.ref, [...addresses.stranger, stranger.name], WEB_PORT);
  });

  test("nothing reaches the host's own listeners, at any of its addresses", async () => {
    const { port } = hostServer.address() as AddressInfo;
    const bridge = bridgeName(installationId, one.id);
    const own = (await hostAddressesRead()).flatMap((each) => {
      if (!each.address.startsWith('fe80:')) return [each.address];
      return each.interface === bridge ? [`${each.address}%eth0`] : [];
    });
    assert.ok(own.includes(elsewhere.hostIpv4) && own.includes(elsewhere.hostIpv6));
    assert.ok(own.includes(one.ipv6Subnet.replace('/64', '1')));
    assert.ok(own.some((address) => address.endsWith('%eth0')));
    // The listener exists and answers the host itself.
    assert.equal(await httpGet(elsewhere.hostIpv6, port, '/'), 'the host');
    assert.equal(await httpGet(elsewhere.hostIpv4, port, '/'), 'the host');
    const commands = own.map(
      (address) => `(echo | timeout 3 nc ${address} ${port} >/dev/null 2>&1 && echo ${address}) &`,
    );
    assert.equal(await insideRun(shell.ref, `${commands.join('\n')}\nwait`), '');
  });

  test('public addresses are reached, private ones are not, on IPv4 and IPv6', async () => {
    for (const address of [elsewhere.publicIpv4, elsewhere.publicIpv6]) {
      assert.equal(await fetchAllowed(shell.ref, address, 80), 'elsewhere', address);
    }
    for (const address of [elsewhere.privateIpv4, elsewhere.privateIpv6]) {
      assert.equal(await httpGet(address, 80, '/'), 'elsewhere');
      assert.equal(await fetchFrom(shell.ref, address, 80), '', address);
    }
  });

  test('a private name server is reached for names, and for nothing else', async () => {
    const nameserver = elsewhere.privateIpv4;
    const shape = {
      table: firewallTable(installationId),
      bridgePrefix: bridgePrefix(installationId),
      bridges: [one, two].map((tenant) => ({
        name: bridgeName(installationId, tenant.id),
        subnets: [tenant.ipv4Subnet, tenant.ipv6Subnet],
      })),
      foreignBridges: [],
      nameservers: [nameserver, elsewhere.privateIpv6],
      closedIpv6,
    };
    await nftRun(firewallRender(shape));
    try {
      for (const address of shape.nameservers) {
        assert.equal(await fetchAllowed(shell.ref, address, 53), 'elsewhere', address);
        assert.equal(await fetchFrom(shell.ref, address, WEB_PORT), '', address);
      }
    } finally {
      await engine.host?.start();
    }
    assert.equal(await fetchFrom(shell.ref, nameserver, 53), '');
  });

  test('nothing passes between the orgs and foreign containers', async () => {
    const { ipv4Subnet, ipv6Subnet } = testTenantCreate(3);
    const Name = `foreign-${installationId}`;
    const network = await docker.createNetwork({
      Name,
      EnableIPv6: true,
      IPAM: { Config: [{ Subnet: ipv4Subnet }, { Subnet: ipv6Subnet }] },
    });
    const foreign = await docker.createContainer({
      Image: images.web,
      name: Name,
      HostConfig: { NetworkMode: Name },
    });
    try {
      await foreign.start();
      const endpoint = (await foreign.inspect()).NetworkSettings.Networks[Name];
      const foreigners = [endpoint?.IPAddress ?? '', endpoint?.GlobalIPv6Address ?? ''];
      for (const address of foreigners) {
        await waitFor(address, () => httpGet(address, WEB_PORT, '/').catch(() => null));
      }
      await reachesNone(shell.ref, foreigners, WEB_PORT);
      // Our own rules know the network from the next look on. Docker takes its own away for a moment whenever it creates
      // a network.
      await engine.host?.start();
      const bridge = `br-${network.id.slice(0, 12)}`;
      const set = ['list', 'set', 'inet', firewallTable(installationId), 'foreign'];
      assert.ok((await promisify(execFile)('nft', set)).stdout.includes(`"${bridge}"`));
      await reachesNone(foreign.id, addresses.neighbour, WEB_PORT);
    } finally {
      await foreign.remove({ force: true });
      await networkRemove(docker, network);
    }
  });

  test('flushed rules are restored', async () => {
    const { port } = hostServer.address() as AddressInfo;
    const gateway = one.ipv6Subnet.replace('/64', '1');
    const table = firewallTable(installationId);
    await nftRun(`delete table inet ${table}\n`);
    // Without them a container does reach the host, so the tests above can fail.
    assert.equal(await fetchAllowed(shell.ref, gateway, port), 'the host');
    assert.equal(await fetchAllowed(shell.ref, elsewhere.privateIpv4, 80), 'elsewhere');
    let now = Date.now();
    const late = testEngineCreate({
      installationId,
      now: () => new Date(now),
      closedIpv6: () => closedIpv6,
    });
    await late.host?.start();
    await nftRun(`delete table inet ${table}\n`);
    now += 60_000;
    await late.tenants.ensure(one);
    await late.close();
    assert.equal(await fetchFrom(shell.ref, gateway, port), '');
    assert.equal(await fetchFrom(shell.ref, elsewhere.privateIpv4, 80), '');
    assert.match(await fetchAllowed(shell.ref, neighbour.name, WEB_PORT), /^web /);
  });
}

// Both at once: they mostly wait for connections to give up.
describe('isolation on Docker', { skip, concurrency: 2 }, () => {
  describe('closed to other machines', { concurrency: 1 }, () => isolationTest(ALL_IPV6));
  describe('open to other machines', { concurrency: 1 }, () => isolationTest('100::/64'));
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { dockerSkip } from '@dollarbox/host/docker';
import { dockerProxyStart } from '@dollarbox/testbed/docker-proxy';
import { elsewhereOpen, ipRun } from '@dollarbox/testbed/elsewhere';
import type { Elsewhere } from '@dollarbox/testbed/elsewhere';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import type { DockerEngine } from '../engine.ts';
import { hostEnvironment } from '../daemon/host-command.ts';
import { bridgePrefix, firewallTable, networkDockerName } from '../base/names.ts';
import { ALL_IPV6, reachCreate, forwardingFault } from './reach.ts';
import {
  docker,
  httpGet,
  ipv4Of,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  specOf,
  waitFor,
} from '../test/setup.ts';
import type { TestTenant } from '../test/setup.ts';

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');
const WEB_PORT = 8080;
const run = promisify(execFile);

async function ip6tables(...words: string[]): Promise<string> {
  return (await run('ip6tables', ['-w', '5', ...words], { env: hostEnvironment() })).stdout;
}

/** In a documentation range (RFC 9637), as if from an operator's own prefix. */
function newRoutedTenant(id: number): TestTenant {
  const [a, b] = [randomInt(0x1000).toString(16), randomInt(0x10000).toString(16)];
  return { ...testTenantCreate(id), ipv6Subnet: `3fff:${a}:${b}:${id.toString(16)}::/64` };
}

describe('containers, from another machine', { skip }, () => {
  const installationId = installationIdCreate();
  const [routed, closed] = [newRoutedTenant(1), testTenantCreate(2)];
  /** From before the installation had an operator's prefix. */
  const former = closed.ipv6Subnet.replace(/:2::\/64$/, '::/48');
  const startMs = Date.now();
  let passedMs = 0;
  let closedIpv6 = ALL_IPV6;
  let engine: DockerEngine;
  let images: TestImages;
  let elsewhere: Elsewhere;
  let ipv4 = '';
  /** Keeps packets to unused parts of the prefix from looping, as operators are advised to do. */
  const rest = ['unreachable', routed.ipv6Subnet.replace(/:1::\/64$/, '::/48')];
  const addresses = { routed: '', closed: '' };
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);

  const read = (address: string) =>
    elsewhere.read(`http://${address.includes(':') ? `[${address}]` : address}:${WEB_PORT}/`);

  /** Does what the next check of the host's rules does. */
  async function rulesAssert(): Promise<void> {
    passedMs += 10_000;
    await engine.ping();
  }

  async function ourRules(): Promise<string[]> {
    const mark = `--comment ${firewallTable(installationId)} `;
    return (await ip6tables('-S', 'FORWARD')).split('\n').filter((line) => line.includes(mark));
  }

  async function isReached(address: string): Promise<void> {
    await waitFor(address, async () => (await read(address)).startsWith('web '));
  }

  before(async () => {
    images = await imagesBuild(docker);
    elsewhere = await elsewhereOpen([80]);
    engine = testEngineCreate({
      installationId,
      closedIpv6: () => closedIpv6,
      log: { info: say, warn: say, error: say },
      now: () => new Date(startMs + passedMs),
    });
    await engine.host.start();
    await ipRun('route', 'add', ...rest);
    for (const [id, tenant, name] of [
      [1, routed, 'routed'],
      [2, closed, 'closed'],
    ] as const) {
      await engine.tenants.ensure(tenant);
      const spec = await specOf(images.web, tenant, id);
      const { ref } = await engine.containers.apply(spec);
      addresses[name] = spec.ipv6Address;
      ipv4 = await ipv4Of(ref);
      await elsewhere.routeAdd(tenant.ipv6Subnet);
      await waitFor(name, () => httpGet(spec.ipv6Address, WEB_PORT, '/').catch(() => null));
    }
    await elsewhere.routeAdd(closed.ipv4Subnet);
  });
  after(async () => {
    await engine?.close();
    await ipRun('route', 'delete', ...rest).catch(() => undefined);
    await testInstallationRemove(installationId);
    await elsewhere?.close();
  });

  test("are not reached, though Docker's filter may let it through", async () => {
    const door = ['FORWARD', '-o', `${bridgePrefix(installationId)}+`, '-j', 'ACCEPT'];
    assert.equal(await read(addresses.routed), '');
    await ip6tables('-A', ...door);
    try {
      assert.equal(await read(addresses.routed), '');
    } finally {
      await ip6tables('-D', ...door);
    }
    assert.deepEqual(await ourRules(), []);
  });

  test('are reached over IPv6 once it is opened, except closed addresses', async () => {
    // With nothing closed, to show that the route to it works.
    closedIpv6 = '100::/64';
    await rulesAssert();
    await isReached(addresses.closed);
    closedIpv6 = former;
    await rulesAssert();
    await isReached(addresses.routed);
    assert.equal(await read(addresses.closed), '');
    assert.deepEqual(said, ['other machines reach containers over IPv6']);
    assert.equal(await read(ipv4), '');
    await rulesAssert();
    assert.equal((await ourRules()).length, 1);
  });

  test('are reached again after someone removed the rule', async () => {
    const [rule = ''] = await ourRules();
    await ip6tables(...rule.replace('-A ', '-D ').split(' '));
    // Without it nothing gets through, so the tests above can fail.
    assert.equal(await read(addresses.routed), '');
    await rulesAssert();
    await isReached(addresses.routed);
  });

  test('stay isolated from each other and from the host', async () => {
    const { state, findings } = await engine.host.probeIsolation();
    assert.deepEqual([state, findings], ['isolated', []]);
  });

  test('are no longer reached once it is closed; rules of others stay', async () => {
    const [rule = ''] = await ourRules();
    const foreign = ['FORWARD', '-o', `${bridgePrefix(installationId)}-`, '-j', 'ACCEPT'];
    await ip6tables('-A', ...foreign);
    try {
      // The state that two processes leave if they open it at once.
      await ip6tables(...rule.split(' '));
      assert.equal((await ourRules()).length, 2);
      closedIpv6 = ALL_IPV6;
      await rulesAssert();
      assert.deepEqual(await ourRules(), []);
      await ip6tables('-C', ...foreign);
      assert.equal(await read(addresses.routed), '');
    } finally {
      await ip6tables('-D', ...foreign);
    }
  });

  test('need a machine that forwards packets, or the fault is reported', async () => {
    assert.equal(await forwardingFault(), null);
    const module = JSON.stringify(new URL('reach.ts', import.meta.url).href);
    const script = `console.log(await (await import(${module})).forwardingFault())`;
    const command = ['netns', 'exec', elsewhere.name, process.execPath, '-e', script];
    const { stdout } = await run('ip', command, { env: { ...process.env, ...hostEnvironment() } });
    assert.match(stdout, /^This machine forwards no IPv6 packets: set net\.ipv6\.conf\.all/);
  });
});

test(
  'a Docker that would keep other machines from a network is told not to',
  { skip },
  async () => {
    const installationId = installationIdCreate();
    const proxy = await dockerProxyStart();
    let closedIpv6 = '100::/64';
    let ApiVersion = '';
    const change = (body: Record<string, unknown>) => ({ ...body, ApiVersion });
    proxy.rule({ path: /^\/version/, action: { do: 'rewrite', change } });
    const engine = testEngineCreate({
      installationId,
      host: proxy.host,
      closedIpv6: () => closedIpv6,
    });
    try {
      const modes: Record<string, string | undefined> = {};
      for (const [id, version, closed] of [
        [1, '1.47', '100::/64'],
        [2, '1.48', '100::/64'],
        [3, '1.48', ALL_IPV6],
      ] as const) {
        [ApiVersion, closedIpv6] = [version, closed];
        await engine.tenants.ensure(testTenantCreate(id));
        const { Options } = await docker
          .getNetwork(networkDockerName(installationId, id))
          .inspect();
        modes[`${version} ${closed}`] = Options?.['com.docker.network.bridge.gateway_mode_ipv6'];
      }
      assert.deepEqual(modes, {
        '1.47 100::/64': undefined,
        '1.48 100::/64': 'nat-unprotected',
        '1.48 ::/0': undefined,
      });
    } finally {
      await engine.close();
      await testInstallationRemove(installationId);
      await proxy.close();
    }
  },
);

test('that other machines cannot reach containers is reported once', async () => {
  const lines: string[] = [];
  const say = (_: object, message: string) => void lines.push(message);
  const reach = reachCreate({
    installationId: installationIdCreate(),
    log: { info: say, warn: say, error: say },
    now: () => new Date(),
    closedIpv6: () => 'fd00::/48',
  });
  await reach.assert('The Docker engine is on another machine.');
  await reach.assert('The Docker engine is on another machine.');
  assert.deepEqual(lines, ['other machines can not reach containers, though IPV6_PREFIX is set']);
});

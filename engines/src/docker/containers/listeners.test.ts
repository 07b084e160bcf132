import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { imagesBuild } from '@dollarbox/testbed/images';
import {
  docker,
  installationIdCreate,
  specOf,
  testEngineCreate,
  testInstallationRemove,
  testTenantCreate,
  waitFor,
} from '../test/setup.ts';
import { ipv4OnlyPorts, listenerWarning } from './listeners.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n';
const REST =
  '00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0';
const table = (...rows: [local: string, state: string][]) =>
  HEAD +
  rows.map(([local, state], n) => `   ${n}: ${local} 00000000:0000 ${state} ${REST}\n`).join('');

const ANY = '00000000000000000000000000000000';

test('a port that only IPv4 answers is found', () => {
  const tcp = table(['00000000:1F90', '0A'], ['00000000:0050', '0A'], ['00000000:0050', '0A']);
  assert.deepEqual(ipv4OnlyPorts(tcp, table()), [80, 8080]);
  assert.deepEqual(ipv4OnlyPorts(tcp, ''), [80, 8080]);
  // Another process, or the same, has the IPv6 side.
  assert.deepEqual(ipv4OnlyPorts(tcp, table([`${ANY}:0050`, '0A'])), [8080]);
  // Bound to the container's own address.
  const own = '0000FD000000000000000000070100FE';
  assert.deepEqual(ipv4OnlyPorts(tcp, table([`${own}:1F90`, '0A'])), [80]);
  // Which answers inside only.
  const loopback = '00000000000000000000000001000000';
  assert.deepEqual(ipv4OnlyPorts(tcp, table([`${loopback}:1F90`, '0A'])), [80, 8080]);
});

test('connections, loopback listeners and listeners on IPv6 are nothing to warn of', () => {
  // Docker's resolver listens on 127.0.0.11.
  const tcp = table(['0B00007F:8F2D', '0A'], ['0100007F:0050', '0A'], ['00000000:1F90', '01']);
  assert.deepEqual(ipv4OnlyPorts(tcp, table([`${ANY}:0050`, '0A'])), []);
});

test('the warning names the ports and what to do', () => {
  assert.equal(listenerWarning([]), null);
  assert.deepEqual(listenerWarning([8080]), {
    code: 'ipv4_only_listener',
    message:
      "Port 8080: the process listens on IPv4 only: bind to [::]. The container's ipv6_address refuses connections there.",
  });
  assert.match(
    listenerWarning([1, 2, 3, 4, 5, 6])?.message ?? '',
    /^Ports 1, 2, 3, 4, 5 and more: /,
  );
});

const skip =
  (await dockerSkip()) ||
  (process.getuid?.() !== 0 && "only root may look at another user's processes");

describe('on Docker', { skip }, () => {
  test('a server that listens on IPv4 only is found, one on both is not', async () => {
    const { shell } = await imagesBuild(docker);
    const installationId = installationIdCreate();
    const tenant = testTenantCreate(1);
    const engine = testEngineCreate({ installationId });
    await engine.host.start();
    try {
      await engine.tenants.ensure(tenant);
      const serve = (address: string, id: number) =>
        specOf(shell, tenant, id, { command: ['httpd', '-f', '-p', address, '-h', '/tmp'] });
      const ipv4 = await engine.containers.apply(await serve('0.0.0.0:8080', 1));
      const both = await engine.containers.apply(await serve('8080', 2));
      const warned = await waitFor('the warning', async () => {
        const found = await engine.containers.observe(ipv4.id);
        return found?.warnings?.[0];
      });
      assert.equal(warned.code, 'ipv4_only_listener');
      assert.match(warned.message, /^Port 8080: .*IPv4 only: bind to \[::\]/);
      assert.deepEqual((await engine.containers.observe(both.id))?.warnings, []);
      await engine.containers.end(ipv4.ref, 0);
    } finally {
      await engine.close();
      await testInstallationRemove(installationId);
    }
  });
});

import assert from 'node:assert/strict';
import type { DockerEngine } from '../engine.ts';
import { after, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { firewallCreate, nftRun } from './firewall.ts';
import { firewallTable } from '../base/names.ts';
import { ALL_IPV6 } from './reach.ts';
import { testEngineCreate, installationIdCreate, testInstallationRemove } from '../test/setup.ts';

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');

describe("the host's rules, flushed by someone else", { skip }, () => {
  const installationId = installationIdCreate();
  const table = `table inet ${firewallTable(installationId)}`;
  const isInPlace = () =>
    nftRun(`list ${table}\n`).then(
      () => true,
      () => false,
    );
  const startMs = Date.now();
  let passedMs = 0;
  const now = () => new Date(startMs + passedMs);
  after(() => testInstallationRemove(installationId));

  const verbs = {
    ping: (engine: DockerEngine) => engine.ping(),
    capacity: (engine: DockerEngine) => engine.host.capacity(),
  };
  for (const [name, verb] of Object.entries(verbs)) {
    test(`are put back by ${name}, without starting any container`, async () => {
      const engine = testEngineCreate({ installationId, now });
      await engine.host?.start();
      assert.equal(await isInPlace(), true);
      await nftRun(`delete ${table}\n`);
      passedMs += 10_000;
      await verb(engine);
      assert.equal(await isInPlace(), true);
      await engine.close();
    });
  }

  test('are reported as lost if they were in place and cannot be restored', async () => {
    let isBroken = true;
    const log = { info() {}, warn() {}, error() {} };
    const firewall = firewallCreate(
      { installationId, log, now, closedIpv6: () => ALL_IPV6 },
      true,
      async () => {
        if (isBroken) throw new Error('no networks to be seen');
        return { ours: [], foreign: [] };
      },
    );
    await firewall.assert();
    // They were never in place. What that means is for the probe to find out.
    assert.equal(firewall.lossFault(), null);
    isBroken = false;
    await firewall.assert();
    assert.equal(firewall.lossFault(), null);
    isBroken = true;
    await firewall.assert();
    assert.match(firewall.lossFault() ?? '', /^The rules .* put back: no networks to be seen$/);
    isBroken = false;
    await firewall.assert();
    assert.equal(firewall.lossFault(), null);
  });
});

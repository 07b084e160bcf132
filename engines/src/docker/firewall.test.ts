import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/testbed/docker';
import { createFirewall, runNft } from './firewall.ts';
import { firewallTable } from './names.ts';
import { ALL_IPV6 } from './reach.ts';
import { newEngine, newInstallationId, removeInstallation } from './test-setup.ts';

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');

describe("the host's rules, flushed behind our back", { skip }, () => {
  const installationId = newInstallationId();
  const table = `table inet ${firewallTable(installationId)}`;
  const isInPlace = () =>
    runNft(`list ${table}\n`).then(
      () => true,
      () => false,
    );
  const startMs = Date.now();
  let passedMs = 0;
  const now = () => new Date(startMs + passedMs);
  after(() => removeInstallation(installationId));

  for (const verb of ['ping', 'capacity'] as const) {
    test(`are put back by ${verb}, without any container being started`, async () => {
      const engine = newEngine({ installationId, now });
      await engine.start();
      assert.equal(await isInPlace(), true);
      await runNft(`delete ${table}\n`);
      passedMs += 10_000;
      await engine[verb]();
      assert.equal(await isInPlace(), true);
      await engine.close();
    });
  }

  test('are told to be lost when they were there and can not be put back', async () => {
    let isBroken = true;
    const log = { info() {}, warn() {}, error() {} };
    const firewall = createFirewall(
      { installationId, log, now, closedIpv6: () => ALL_IPV6 },
      true,
      async () => {
        if (isBroken) throw new Error('no networks to be seen');
        return [];
      },
    );
    await firewall.assert();
    // They never were: what that means is for the probe to find.
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

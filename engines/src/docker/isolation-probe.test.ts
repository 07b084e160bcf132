import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/testbed/docker';
import { createDockerApi } from './api.ts';
import { readRegistryOptions } from './daemon.ts';
import { createImageStore } from './image-store.ts';
import { createIsolationProbe } from './isolation-probe.ts';
import { LABELS } from './names.ts';
import { isolationReport } from './probe-report.ts';
import { ALL_IPV6 } from './reach.ts';
import { renderNetwork, tenantNetworkShape } from './render.ts';
import {
  docker,
  newEngine,
  newInstallationId,
  newTenant,
  removeInstallation,
  waitFor,
} from './test-setup.ts';

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');

async function probeObjects(installationId: string): Promise<number> {
  const filters = { label: [`${LABELS.installation}=${installationId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  return containers.length + (await docker.listNetworks({ filters })).length;
}

describe('the isolation probe on Docker', { skip }, () => {
  const [ours, theirs] = [newInstallationId(), newInstallationId()];
  after(async () => {
    await removeInstallation(ours);
    await removeInstallation(theirs);
  });

  test('two installations that probe at once find isolation, and leave nothing', async () => {
    const engines = [newEngine({ installationId: ours }), newEngine({ installationId: theirs })];
    const reports = await Promise.all(
      engines.map(async (engine) => {
        await engine.start();
        return engine.probeIsolation();
      }),
    );
    const isolated = { state: 'isolated', findings: [], remedies: [] };
    assert.deepEqual(reports, [isolated, isolated]);
    assert.equal(await probeObjects(ours), 0);
    assert.equal(await probeObjects(theirs), 0);
    for (const engine of engines) await engine.close();
  });

  test('closing the engine ends it at once, wherever it is, and leaves nothing', async () => {
    // All objects of a run are there before the last of its containers has ended.
    for (const objects of [1, 2, 3, 4, 5]) {
      const warnings: unknown[] = [];
      const engine = newEngine({
        installationId: ours,
        log: { info() {}, warn: (...all) => void warnings.push(all), error() {} },
      });
      await engine.start();
      const probing = engine.probeIsolation();
      const ended = assert.rejects(probing, { name: 'EngineError', reason: 'engine_closed' });
      await waitFor(`${objects} objects`, async () => (await probeObjects(ours)) >= objects);
      const beganMs = performance.now();
      await engine.close();
      assert.ok(performance.now() - beganMs < 10_000);
      await ended;
      assert.equal(await probeObjects(ours), 0, `closed at ${objects} objects`);
      assert.deepEqual(warnings, []);
    }
  });

  test("without the host's rules it finds the host open, and says what to do", async () => {
    const installationId = newInstallationId();
    const api = createDockerApi({});
    const probe = createIsolationProbe({
      context: {
        installationId,
        log: { info() {}, warn() {}, error() {} },
        now: () => new Date(),
        closedIpv6: () => ALL_IPV6,
      },
      api,
      store: createImageStore(installationId, api),
      firewall: {
        assert: async () => {},
        assertRecent: async () => {},
        fault: () => 'nft is not there.',
        lossFault: () => null,
      },
      isLocal: true,
      platform: async (signal) => (await readRegistryOptions(api, [], signal)).platform,
    });
    const { state, findings, remedies } = await probe(new AbortController().signal);
    api.close();
    assert.equal(state, 'weak');
    assert.ok(
      findings.some((finding) => /host's own at .*\(IPv4\)/.test(finding)),
      findings.join(),
    );
    assert.ok(
      findings.some((finding) => /host's own at .*\(IPv6\)/.test(finding)),
      findings.join(),
    );
    assert.match(remedies.join(), /nftables installed: nft is not there/);
    assert.equal(await probeObjects(installationId), 0);
  });

  describe('after a probe whose process died', () => {
    const installationId = newInstallationId();
    const shape = tenantNetworkShape(installationId, newTenant(1));
    const labels = { [LABELS.installation]: installationId, [LABELS.probe]: 'dead' };
    before(() => docker.createNetwork(renderNetwork({ ...shape, labels })));
    after(() => removeInstallation(installationId));

    test('what it left goes, but not before it must be dead', async () => {
      let now = new Date();
      const engine = newEngine({ installationId, now: () => now });
      await engine.probeIsolation();
      assert.equal(await probeObjects(installationId), 1);
      now = new Date(Date.now() + 10 * 60_000);
      await engine.probeIsolation();
      assert.equal(await probeObjects(installationId), 0);
      await engine.close();
    });
  });
});

test('nothing that was reached is not enough: what must be reached has to be', () => {
  const control = { kind: 'control', from: 'container', address: 'fd00::2' } as const;
  const host = { kind: 'host', address: '192.0.2.1' } as const;
  const report = (isControlReached: boolean, isHostReached: boolean) =>
    isolationReport(
      [
        { path: control, isReached: isControlReached },
        { path: host, isReached: isHostReached },
      ],
      null,
    );
  assert.equal(report(true, false).state, 'isolated');
  assert.equal(report(false, false).state, 'unknown');
  assert.equal(report(true, true).state, 'weak');
  assert.equal(report(false, true).state, 'weak');
  for (const { findings, remedies } of [report(false, false), report(true, true)]) {
    assert.ok(findings.length > 0 && remedies.length > 0);
  }
});

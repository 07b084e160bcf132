import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { dockerApiCreate } from '../daemon/api.ts';
import { registryOptionsRead } from '../daemon/daemon.ts';
import { imageStoreCreate } from '../images/image-store.ts';
import { isolationProbeCreate } from './isolation-probe.ts';
import { LABELS } from '../base/names.ts';
import { pidNamespace } from '../base/process-mark.ts';
import { isolationReport } from './probe-report.ts';
import { ALL_IPV6 } from './reach.ts';
import { networkRender, tenantNetworkShape } from './network-render.ts';
import {
  docker,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  waitFor,
} from '../test/setup.ts';
import { workInProcess } from '../test/volumes.ts';

const isRoot = process.getuid?.() === 0;
const skip = (await dockerSkip()) || (isRoot ? false : 'the rules on the host need root');

async function probeObjects(installationId: string): Promise<number> {
  const filters = { label: [`${LABELS.installation}=${installationId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  return containers.length + (await docker.listNetworks({ filters })).length;
}

describe('the isolation probe on Docker', { skip }, () => {
  const [ours, theirs] = [installationIdCreate(), installationIdCreate()];
  after(async () => {
    await testInstallationRemove(ours);
    await testInstallationRemove(theirs);
  });

  test('two installations that probe at once find isolation, and leave nothing behind', async () => {
    const engines = [
      testEngineCreate({ installationId: ours }),
      testEngineCreate({ installationId: theirs }),
    ];
    const reports = await Promise.all(
      engines.map(async (engine) => {
        await engine.host?.start();
        return engine.host?.probeIsolation();
      }),
    );
    const isolated = { state: 'isolated', findings: [], remedies: [] };
    assert.deepEqual(reports, [isolated, isolated]);
    assert.equal(await probeObjects(ours), 0);
    assert.equal(await probeObjects(theirs), 0);
    for (const engine of engines) await engine.close();
  });

  test('closing the engine ends it immediately at any step, and leaves nothing behind', async () => {
    // All objects of a run exist before the last of its containers has ended.
    for (const objects of [1, 2, 3, 4, 5]) {
      const warnings: unknown[] = [];
      const engine = testEngineCreate({
        installationId: ours,
        // What it leaves behind must not depend on how busy the machine is.
        probeEndMs: { creation: 300_000, removal: 300_000 },
        log: { info() {}, warn: (...all) => void warnings.push(all), error() {} },
      });
      await engine.host?.start();
      const probing = engine.host?.probeIsolation();
      const ended = assert.rejects(probing, { name: 'EngineError', reason: 'engine_closed' });
      await waitFor(`${objects} objects`, async () => (await probeObjects(ours)) >= objects);
      await engine.close();
      await ended;
      assert.equal(await probeObjects(ours), 0, `closed at ${objects} objects`);
      assert.deepEqual(warnings, []);
    }
  });

  test("without the host's rules it finds the host open, and reports what to do", async () => {
    const installationId = installationIdCreate();
    const api = dockerApiCreate({});
    const probe = isolationProbeCreate({
      context: {
        installationId,
        log: { info() {}, warn() {}, error() {} },
        now: () => new Date(),
        closedIpv6: () => ALL_IPV6,
      },
      api,
      store: imageStoreCreate(installationId, api),
      firewall: {
        assert: async () => {},
        assertRecent: async () => {},
        fault: () => 'nft is not there.',
        lossFault: () => null,
      },
      isLocal: true,
      platform: async (signal) => (await registryOptionsRead(api, [], signal)).platform,
      endMs: { creation: 1000, removal: 2000 },
      onStep() {},
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

  describe('after a probe whose process was killed', () => {
    const installationId = installationIdCreate();
    after(() => testInstallationRemove(installationId));

    for (const dieAt of ['probe-network', 'probe-container'] as const) {
      test(`at ${dieAt}, the next one removes its remains at once`, async () => {
        const task = {
          options: { installationId },
          calls: [['host.probeIsolation']],
          dieAt,
        } as const;
        assert.equal(await workInProcess(task), 'SIGKILL');
        assert.notEqual(await probeObjects(installationId), 0);
        const engine = testEngineCreate({ installationId });
        await engine.host?.start();
        const report = await engine.host?.probeIsolation();
        assert.equal(report?.state, 'isolated', report?.findings.join());
        assert.equal(await probeObjects(installationId), 0);
        await engine.close();
      });
    }

    test('the objects of a probe that still runs stay', async () => {
      const [other, probing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let isFirst = true;
      const stalled = testEngineCreate({
        installationId,
        async onProbeStep(step) {
          if (step !== 'probe-container' || !isFirst) return;
          isFirst = false;
          probing.resolve();
          await other.promise;
        },
      });
      await stalled.host?.start();
      const stalledReport = stalled.host?.probeIsolation();
      await probing.promise;
      const count = await probeObjects(installationId);
      const engine = testEngineCreate({ installationId });
      const report = await engine.host?.probeIsolation();
      assert.equal(report?.state, 'isolated', report?.findings.join());
      assert.equal(await probeObjects(installationId), count);
      other.resolve();
      assert.equal((await stalledReport)?.state, 'isolated');
      assert.equal(await probeObjects(installationId), 0);
      await stalled.close();
      await engine.close();
    });

    test('remains of a process that can not be looked up go once it must be dead', async () => {
      const shape = tenantNetworkShape(installationId, 1, testTenantCreate(1));
      const labels = {
        [LABELS.installation]: installationId,
        [LABELS.probe]: 'dead',
        // Of another machine: its processes have the same numbers.
        [LABELS.probeProcess]: `00000000-0000-0000-0000-000000000000 ${await pidNamespace()} 1 1`,
      };
      await docker.createNetwork(networkRender({ ...shape, labels }));
      let now = new Date();
      const engine = testEngineCreate({ installationId, now: () => now });
      await engine.host?.probeIsolation();
      assert.equal(await probeObjects(installationId), 1);
      now = new Date(Date.now() + 10 * 60_000);
      await engine.host?.probeIsolation();
      assert.equal(await probeObjects(installationId), 0);
      await engine.close();
    });
  });
});

test('unreached targets alone do not prove isolation: the controls must be reached', () => {
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

/** Tests of the pod that reads and writes the files of volumes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mountOf, rejectsWith } from '../../suite/context.ts';
import type { SuiteContext } from '../../suite/context.ts';
import { isKubeStatus, kubeApiCreate } from '../api/client.ts';
import { podCommandStart } from '../api/pod-command.ts';
import { poll } from '../base/poll.ts';
import { archiveHeaderRender } from '../volumes/archive-header.ts';
import { faultTools } from './fault-tools.ts';
import type { KubernetesSetup } from './suite.ts';

const ENDLESS = fileURLToPath(new URL('./import-endless.ts', import.meta.url));
const POD = 'dollarbox-volume-data';

export function transfersTests(context: () => SuiteContext, setup: () => KubernetesSetup): void {
  const { kubectl, late } = faultTools(context, setup);
  const phase = () =>
    kubectl('get', 'pods', '-o', `jsonpath={.items[?(@.metadata.name=="${POD}")].status.phase}`);

  /** A process that was killed while it filled the volume. */
  async function importKilled(ref: string): Promise<void> {
    const { kubeconfig, installationId } = setup();
    const probeImage = context().images.web;
    const options = JSON.stringify({ kubeconfig, installationId, probeImage });
    const child = spawn(process.execPath, [ENDLESS, options, ref], { stdio: 'inherit' });
    const ended = once(child, 'close');
    await poll(late(), async () => {
      assert.equal(child.exitCode, null);
      if ((await phase()) !== 'Running') return false;
      const list = ['exec', POD, '--', 'busybox', 'ls', '/data'];
      return (await kubectl(...list).catch(() => '')).includes('endless');
    });
    child.kill('SIGKILL');
    await ended;
  }

  test('a volume that a killed process was filling can be removed at once, and filled anew', async () => {
    const { engine, volumeSpec } = context();
    const wanted = volumeSpec();
    const { ref } = await engine.volumes.apply(wanted);
    await importKilled(ref);
    await engine.volumes.remove(ref);
    const made = await engine.volumes.apply(wanted);
    assert.notEqual(made.ref, ref);
    await engine.volumes.importTar(made.ref, Readable.from([Buffer.alloc(1024)]));
    assert.equal(await phase(), '');
  });

  test('the pod of a killed process ends by itself, and a sweep removes it', async () => {
    const { engine, volume } = context();
    const { ref } = await volume();
    await importKilled(ref);
    await poll(late(), async () => (await phase()) === 'Succeeded');
    const other = await setup().worker();
    await other.volumes.tidy();
    await other.close();
    await poll(late(), async () => (await phase()) === '');
    await buffer(await engine.volumes.exportTar(ref));
  });

  test('volumes of an org that are read at the same time are read one after the other', async () => {
    const { engine, volume } = context();
    const disks = [await volume(), await volume(), await volume()];
    const archives = await Promise.all(
      disks.map(async ({ ref }) => buffer(await engine.volumes.exportTar(ref))),
    );
    assert.ok(archives.every(({ length }) => length >= 1024));
  });

  test('a volume that waits for its first consumer is bound by being filled', async () => {
    const { engine, volumeSpec } = context();
    const metadata = { name: 'bound-late' };
    const { cluster } = setup();
    await cluster.manifestApply({
      ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata },
      ...{ provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' },
    });
    await cluster.manifestApply({
      ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        storageClassName: metadata.name,
        hostPath: { path: join(cluster.folder, 'bound-late'), type: 'DirectoryOrCreate' },
      },
    });
    const wanted = volumeSpec({ storageClass: metadata.name });
    const { ref, phase: before } = await engine.volumes.apply(wanted);
    assert.equal(before, 'provisioning');
    await engine.volumes.importTar(ref, Readable.from([Buffer.alloc(1024)]));
    assert.equal((await engine.volumes.observe(wanted))?.phase, 'bound');
    await engine.volumes.remove(ref);
    for (const kind of ['pv', 'storageclass']) await kubectl('delete', kind, metadata.name);
  });

  test('an org that uses all of its plan is read too, and with kubectl needs room for a pod', async () => {
    const { apply, engine, images, spec, tenant, volume } = context();
    const usual = { ...setup().limits };
    const disk = await volume();
    setup().limits.containers = 1;
    await engine.tenants.ensure(tenant);
    try {
      await apply(await spec(images.web, { volumes: [mountOf(disk)] }));
      await buffer(await engine.volumes.exportTar(disk.ref));
      setup().limits.hasKubectl = true;
      await engine.tenants.ensure(tenant);
      await rejectsWith(engine.volumes.exportTar(disk.ref), 'retryable', 'quota');
    } finally {
      Object.assign(setup().limits, { hasKubectl: false }, usual);
      await engine.tenants.ensure(tenant);
    }
  });

  test('data for which there is no room, and owners that there are not, are refused', async () => {
    const { engine, volume } = context();
    const { ref } = await volume();
    const owner = { gid: 0, mode: 0o644, mtime: 0, sizeBytes: 0 };
    const file = { path: Buffer.from('./file'), target: Buffer.alloc(0), type: '0' as const };
    const archive = Buffer.concat([
      archiveHeaderRender({ ...file, ...owner, uid: 65_536 }),
      Buffer.alloc(1024),
    ]);
    const refused = engine.volumes.importTar(ref, Readable.from([archive]));
    await rejectsWith(refused, 'permanent', 'archive_broken');
    const garbage = engine.volumes.importTar(ref, Readable.from([Buffer.alloc(2048, 'x')]));
    await rejectsWith(garbage, 'permanent', 'archive_broken');
    assert.equal(await phase(), '');
  });

  test('DollarBox can run commands in no other pod', async () => {
    const { apply, images, spec } = context();
    const wanted = await spec(images.web);
    await apply(wanted);
    const name = await kubectl(
      ...['get', 'pods', '-l', `dollarbox.io/container=${wanted.id}`],
      ...['-o', 'jsonpath={.items[0].metadata.name}'],
    );
    const api = kubeApiCreate(setup().kubeconfig);
    try {
      const pod = { namespace: setup().namespace, name };
      await assert.rejects(podCommandStart(api, pod, ['id'], late()), (error) =>
        isKubeStatus(error, 403),
      );
    } finally {
      api.close();
    }
  });
}

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import type { ContainerSpec, Engine, VolumeObservation } from '../../contract.ts';
import { volumeDockerName } from '../base/names.ts';
import {
  docker,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  specOf,
} from '../test/setup.ts';
import { volumeSpecCreate } from '../test/volumes.ts';

/** An engine that pauses between creating and starting a container until the test lets it continue. */
function stallingEngine(installationId: string) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const engine = testEngineCreate({
    installationId,
    async onStep(step) {
      if (step !== 'container-created') return;
      reached.resolve();
      await released.promise;
    },
  });
  return { engine, reached: reached.promise, release: () => released.resolve() };
}

describe('workers that compete for one volume on Docker', { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const tenant = testTenantCreate(1);
  const engines: Engine[] = [];
  let engine: Engine;
  let images: TestImages;
  let disk: VolumeObservation;
  let lastId = 0;

  before(async () => {
    images = await imagesBuild(docker);
    engine = testEngineCreate({ installationId });
    engines.push(engine);
    await engine.host?.start();
    await engine.tenants.ensure(tenant);
  });
  after(async () => {
    for (const each of engines) await each.close();
    await testInstallationRemove(installationId);
  });

  async function newStaller() {
    const staller = stallingEngine(installationId);
    engines.push(staller.engine);
    await staller.engine.host?.start();
    return staller;
  }

  async function mounting(): Promise<ContainerSpec> {
    const { id, uid } = disk;
    const volumes = [{ volume: { id, uid }, mountPath: '/data' }];
    return specOf(images.shell, tenant, (lastId += 1), { volumes });
  }

  async function running(): Promise<number[]> {
    const listed = await engine.containers.list();
    return listed.flatMap(({ id, state }) => (state === 'running' ? [id] : []));
  }

  async function clear(): Promise<void> {
    for (const { ref } of await engine.containers.list()) await engine.containers.end(ref, 0);
  }

  test('a worker that stalls before its start yields to a faster one', async () => {
    disk = await engine.volumes.apply(volumeSpecCreate((lastId += 1)));
    const [slow, fast] = [await mounting(), await mounting()];
    const staller = await newStaller();
    const stalled = staller.engine.containers.apply(slow);
    await staller.reached;
    // Its object already holds the volume, and keeps the other from starting.
    await assert.rejects(engine.containers.apply(fast), { reason: 'volume_busy' });
    assert.deepEqual(await running(), []);
    assert.equal(await engine.containers.observe(fast.id), null);
    staller.release();
    assert.equal((await stalled).state, 'running');
    assert.deepEqual(await running(), [slow.id]);
    await clear();
  });

  test('two workers that stall there both yield, and the next one to try gets it', async () => {
    disk = await engine.volumes.apply(volumeSpecCreate((lastId += 1)));
    const specs = [await mounting(), await mounting()];
    const stallers = [await newStaller(), await newStaller()];
    const tries = specs.map((spec, index) =>
      stallers[index]?.engine.containers.apply(spec).then(
        () => 'runs',
        (error: { reason?: string }) => error.reason,
      ),
    );
    // The second one looks before it creates, and may already find the first one's object.
    await Promise.race(stallers.map(({ reached }) => reached));
    for (const { release } of stallers) release();
    const ends = await Promise.all(tries);
    assert.ok((await running()).length <= 1, ends.join());
    assert.ok(ends.includes('volume_busy'), ends.join());
    assert.equal((await engine.containers.list()).length, (await running()).length);
    await clear();
    assert.equal((await engine.containers.apply(specs[0] ?? assert.fail())).state, 'running');
    await clear();
  });

  test('a worker whose stalled object was removed by its successor does not start', async () => {
    disk = await engine.volumes.apply(volumeSpecCreate((lastId += 1)));
    const [slow, fast] = [await mounting(), await mounting()];
    const staller = await newStaller();
    const stalled = staller.engine.containers.apply(slow);
    await staller.reached;
    await clear();
    await engine.containers.apply(fast);
    staller.release();
    await assert.rejects(stalled);
    assert.deepEqual(await running(), [fast.id]);
    await clear();
  });

  test('mounting does not create a volume that was removed between the check and the creation', async () => {
    disk = await engine.volumes.apply(volumeSpecCreate((lastId += 1)));
    const slow = await mounting();
    const staller = await newStaller();
    const stalled = staller.engine.containers.apply(slow);
    await staller.reached;
    await clear();
    await engine.volumes.remove(disk.ref);
    // As Docker does when it creates a container that mounts a missing volume.
    await docker.createVolume({ Name: volumeDockerName(installationId, disk) });
    staller.release();
    await assert.rejects(stalled, { reason: 'volume_missing' });
    assert.equal(await engine.containers.observe(slow.id), null);
    await assert.rejects(docker.getVolume(disk.ref).inspect(), { statusCode: 404 });
  });
});

/** The suite's tests of volumes that containers mount: the data stays, and two containers never write at once. */
import assert from 'node:assert/strict';
import type { ContainerSpec, Engine } from '../contract.ts';
import { EngineError } from '../contract.ts';
import { engineTest, mountOf, rejectsWith, engineWith } from './context.ts';
import type { SuiteContext } from './context.ts';

export function volumesMountedTests(context: () => SuiteContext): void {
  /** A spec of `shell` that mounts these volumes. */
  function mounting(
    volumes: ContainerSpec['volumes'],
    changes: Partial<ContainerSpec> = {},
  ): Promise<ContainerSpec> {
    const { images, spec } = context();
    return spec(images.shell, { volumes, ...changes });
  }

  async function heldBy(key: { id: number; uid: string }): Promise<number[] | undefined> {
    return (await context().engine.volumes.observe(key))?.heldBy;
  }

  engineTest('data survives the replacement and the removal of its container', async () => {
    const { apply, engine, volume, volumeRead, volumeWrite } = context();
    const disk = await volume();
    const wanted = await mounting([mountOf(disk)]);
    const first = await apply(wanted);
    await volumeWrite(wanted.id, '/data', 'one ');
    await engine.containers.end(first.ref, 0);
    const changed = { ...wanted, env: { VERSION: '2' } };
    const second = await apply(changed);
    assert.equal(await volumeRead(wanted.id, '/data'), 'one ');
    await volumeWrite(wanted.id, '/data', 'two ');
    await engine.containers.end(second.ref, 0);
    assert.equal((await engine.volumes.observe(disk))?.ref, disk.ref);

    const successor = await mounting([mountOf(disk, '/elsewhere')]);
    await apply(successor);
    assert.equal(await volumeRead(successor.id, '/elsewhere'), 'one two ');
  });

  engineTest('data survives apply of an existing volume', async () => {
    const { apply, engine, volume, volumeRead, volumeSpec, volumeWrite } = context();
    const wanted = volumeSpec();
    const disk = await volume(wanted);
    const holder = await mounting([mountOf(disk)]);
    await apply(holder);
    await volumeWrite(holder.id, '/data', 'kept');
    assert.deepEqual((await engine.volumes.apply(wanted)).heldBy, [holder.id]);
    assert.equal(await volumeRead(holder.id, '/data'), 'kept');
  });

  engineTest('a volume is bound once a container runs with it', async () => {
    const { apply, engine, volume, waitFor } = context();
    const disk = await volume();
    // One that waits for its first consumer stays as it is until then.
    assert.equal((await engine.volumes.observe(disk))?.phase, disk.phase);
    await apply(await mounting([mountOf(disk)]));
    const bound = await waitFor('bound', async () => {
      const observed = await engine.volumes.observe(disk);
      return observed?.phase === 'bound' && observed;
    });
    assert.equal(bound.isStartable, true);
    assert.equal(bound.ref, disk.ref);
    assert.deepEqual(
      (await engine.volumes.list()).map(({ phase }) => phase),
      ['bound'],
    );
  });

  engineTest('a container is not started with a volume that is not startable', async () => {
    const { apply, engine, volumeSpec, waitFor } = context();
    const key = volumeSpec();
    const wanted = await mounting([mountOf(key)]);
    const made = await engine.volumes.apply(key);
    assert.equal(made.isStartable || made.phase === 'provisioning', true);
    if (!made.isStartable) {
      const refusal = await engine.containers.apply(wanted).then(
        () => null,
        (error: unknown) => error,
      );
      if (refusal === null) {
        // An engine that does not wait for the test has bound it meanwhile.
        assert.equal((await engine.volumes.observe(key))?.isStartable, true);
      } else {
        await rejectsWith(Promise.reject(refusal), 'retryable', 'volume_unready');
        assert.equal(await engine.containers.observe(wanted.id), null);
        assert.deepEqual(await heldBy(key), []);
      }
    }
    await waitFor('startable', async () => (await engine.volumes.observe(key))?.isStartable);
    await apply(wanted);
    assert.deepEqual(await heldBy(key), [wanted.id]);
  });

  engineTest('a container has several volumes, each its own', async () => {
    const { apply, volume, volumeRead, volumeWrite } = context();
    const disks = [await volume(), await volume(), await volume()];
    const paths = ['/one', '/two/deep', '/three'];
    const wanted = await mounting(disks.map((disk, index) => mountOf(disk, paths[index])));
    await apply(wanted);
    for (const path of paths) await volumeWrite(wanted.id, path, `of ${path}`);
    for (const path of paths) assert.equal(await volumeRead(wanted.id, path), `of ${path}`);
    for (const disk of disks) assert.deepEqual(await heldBy(disk), [wanted.id]);
  });

  engineTest('a mount path is taken byte for byte', async () => {
    const { apply, volume, volumeRead, volumeWrite } = context();
    const paths = [
      '/a b',
      '/a,b',
      '/a:b',
      '/ä 🐳',
      '/a"b\'c',
      '/$HOME',
      '/a\\b',
      '/tmp/x=y',
      '/ro:ro',
    ];
    const disks = [];
    for (const _ of paths) disks.push(await volume());
    const wanted = await mounting(disks.map((disk, index) => mountOf(disk, paths[index])));
    const made = await apply(wanted);
    for (const path of paths) await volumeWrite(wanted.id, path, `of ${path}`);
    for (const path of paths) assert.equal(await volumeRead(wanted.id, path), `of ${path}`);
    assert.deepEqual(await apply(wanted), made);
  });

  engineTest('a volume can not be removed while an object mounts it, running or not', async () => {
    const { apply, engine, killed, volume, volumeRead, volumeWrite } = context();
    const disk = await volume();
    const wanted = await mounting([mountOf(disk)]);
    const made = await apply(wanted);
    await volumeWrite(wanted.id, '/data', 'kept');
    assert.deepEqual(await heldBy(disk), [wanted.id]);
    await rejectsWith(engine.volumes.remove(disk.ref), 'conflict', 'volume_busy');
    await killed(wanted.id);
    assert.deepEqual(await heldBy(disk), [wanted.id]);
    await rejectsWith(engine.volumes.remove(disk.ref), 'conflict', 'volume_busy');
    await apply(wanted);
    assert.equal(await volumeRead(wanted.id, '/data'), 'kept');
    await engine.containers.end(made.ref, 0);
    assert.deepEqual(await heldBy(disk), []);
    await engine.volumes.remove(disk.ref);
    assert.equal(await engine.volumes.observe(disk), null);
  });

  engineTest('mounting never creates a volume', async () => {
    const { apply, engine, volume, volumeSpec } = context();
    const missing = volumeSpec();
    const wanted = await mounting([mountOf(await volume(), '/there'), mountOf(missing)]);
    await rejectsWith(apply(wanted), 'not_found', 'volume_missing');
    assert.equal(await engine.containers.observe(wanted.id), null);
    assert.equal(await engine.volumes.observe(missing), null);
    assert.equal((await engine.volumes.list()).length, 1);
  });

  engineTest('mounting never takes a volume of another uid', async () => {
    const { apply, engine, volume } = context();
    const { id } = await volume();
    const wanted = await mounting([mountOf({ id, uid: 'other00000000000' })]);
    await rejectsWith(apply(wanted), 'not_found', 'volume_missing');
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest('a container whose volume vanished is not started again', async (t) => {
    const { apply, engine, killed, observed, tamper, volume, volumeSpec } = context();
    const disk = await volume();
    const wanted = await mounting([mountOf(disk)]);
    const made = await apply(wanted);
    await killed(wanted.id);
    if (!(await tamper.volumeVanish(disk))) return t.skip('this engine does not let it vanish');
    await rejectsWith(apply(wanted), 'not_found', 'volume_missing');
    assert.equal((await observed(wanted.id)).state, 'exited');
    assert.equal(await engine.volumes.observe(volumeSpec(disk)), null);
    await engine.containers.end(made.ref, 0);
    assert.deepEqual(await engine.volumes.list(), []);
  });

  engineTest(
    'another container waits until the object is gone, though its process ended',
    async () => {
      const { apply, engine, killed, volume, volumeRead, volumeWrite } = context();
      const disk = await volume();
      const holder = await mounting([mountOf(disk)]);
      const successor = await mounting([mountOf(disk)]);
      const held = await apply(holder);
      await volumeWrite(holder.id, '/data', 'kept');
      await rejectsWith(apply(successor), 'conflict', 'volume_busy');
      await killed(holder.id);
      await rejectsWith(apply(successor), 'conflict', 'volume_busy');
      assert.equal(await engine.containers.observe(successor.id), null);
      assert.deepEqual(await heldBy(disk), [holder.id]);
      await engine.containers.end(held.ref, 0);
      await apply(successor);
      assert.equal(await volumeRead(successor.id, '/data'), 'kept');
      await rejectsWith(apply(holder), 'conflict', 'volume_busy');
    },
  );

  engineTest('a process that ignores being asked to end keeps its volume', async () => {
    const { apply, endNow, engine, images, observed, spec, volume, volumeRead, volumeWrite } =
      context();
    const { waitFor } = context();
    const disk = await volume();
    const holder = await spec(images.stubborn, { volumes: [mountOf(disk)] });
    const successor = await mounting([mountOf(disk)]);
    const held = await apply(holder);
    await waitFor('ready', async () =>
      (await engine.access.logs(held.ref, { tailLines: 5, maxBytes: 100 })).includes('ready'),
    );
    await engine.containers.end(held.ref, 10_000);
    await rejectsWith(apply(successor), 'conflict', 'volume_busy');
    assert.equal((await observed(holder.id)).state, 'running');
    await volumeWrite(holder.id, '/data', 'to the end');
    await endNow(held.ref);
    await apply(successor);
    assert.equal(await volumeRead(successor.id, '/data'), 'to the end');
  });

  engineTest(
    'what a dead worker left half created releases its volume, and starts when it can',
    async (t) => {
      const { apply, engine, killed, tamper, volume } = context();
      if (tamper.makeHalf === undefined) return t.skip('this engine creates in one step');
      const disk = await volume();
      const holder = await mounting([mountOf(disk)]);
      const half = await mounting([mountOf(disk)]);
      const held = await apply(holder);
      await tamper.makeHalf(half);
      await killed(holder.id);
      // Neither starts while the other holds the volume. The one that never ran gives it up.
      await rejectsWith(apply(holder), 'conflict', 'volume_busy');
      await rejectsWith(apply(half), 'conflict', 'volume_busy');
      assert.equal(await engine.containers.observe(half.id), null);
      assert.equal((await apply(holder)).ref, held.ref);
      await engine.containers.end(held.ref, 0);

      await tamper.makeHalf(half);
      assert.equal((await apply(half)).state, 'running');
    },
  );

  engineTest('of many containers that want a volume at once, two never run', async () => {
    const { apply, engine, volume, worker } = context();
    await engineWith(worker, async (other) => {
      for (let round = 0; round < 4; round += 1) {
        const disk = await volume();
        const wanted = [];
        for (let count = 0; count < 4; count += 1) wanted.push(await mounting([mountOf(disk)]));
        const workers: readonly Engine[] = [engine, other];
        const tries = await Promise.allSettled(
          wanted.map((spec, index) => workers[index % 2]?.containers.apply(spec)),
        );
        for (const each of tries) {
          if (each.status === 'fulfilled') continue;
          assert.ok(each.reason instanceof EngineError, String(each.reason));
          assert.equal(each.reason.reason, 'volume_busy');
        }
        const listed = await engine.containers.list();
        // An engine that starts processes by itself may not have started it yet.
        const isUp = engine.restarts === 'engine' ? ['running', 'created'] : ['running'];
        const running = listed.filter(({ state }) => isUp.includes(state));
        assert.ok(running.length <= 1, `${running.length} run`);
        // A container that failed holds nothing, so the next one gets the volume.
        for (const { ref } of running) await engine.containers.end(ref, 0);
        assert.deepEqual(await heldBy(disk), []);
        const [spec] = wanted;
        if (spec !== undefined) assert.equal((await apply(spec)).state, 'running');
        for (const { ref } of await engine.containers.list()) await engine.containers.end(ref, 0);
      }
    });
  });

  engineTest("collecting images leaves volumes alone, as does the network's removal", async () => {
    const { apply, engine, tenants, volume, volumeRead, volumeWrite } = context();
    const disk = await volume();
    const [, other] = tenants;
    const wanted = await mounting([mountOf(disk)]);
    const { ref } = await apply(wanted);
    await volumeWrite(wanted.id, '/data', 'kept');
    await engine.containers.end(ref, 0);
    await engine.tenants.ensure(other);
    await engine.tenants.remove(other.id);
    await engine.images.collect(async () => new Set());
    const again = await mounting([mountOf(disk)]);
    await apply(again);
    assert.equal(await volumeRead(again.id, '/data'), 'kept');
  });
}

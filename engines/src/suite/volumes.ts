/** The suite's tests of volumes by themselves. */
import assert from 'node:assert/strict';
import { engineTest, mountOf, rejectsWith, withEngine } from './context.ts';
import type { SuiteContext } from './context.ts';

export function volumesTests(context: () => SuiteContext): void {
  engineTest('a volume is made, and says what it is', async () => {
    const { engine, tenant, volumeSpec } = context();
    const wanted = volumeSpec();
    assert.equal(await engine.volumes.observe(wanted), null);
    const made = await engine.volumes.apply(wanted);
    assert.match(made.ref, /./);
    assert.deepEqual([made.id, made.uid, made.tenantId], [wanted.id, wanted.uid, tenant.id]);
    assert.match(made.storageClass, /^[a-z-]+$/);
    assert.equal(typeof made.isSizeEnforced, 'boolean');
    assert.deepEqual(made.heldBy, []);
    assert.deepEqual(await engine.volumes.observe(wanted), made);
    const { ref, id, uid, tenantId } = made;
    assert.deepEqual(await engine.volumes.list(), [{ ref, id, uid, tenantId }]);
  });

  engineTest('a volume that is there is left as it is, whatever size is asked for', async () => {
    const { engine, volumeSpec } = context();
    const wanted = volumeSpec({ sizeGb: 2 });
    const made = await engine.volumes.apply(wanted);
    assert.deepEqual(await engine.volumes.apply(wanted), made);
    assert.deepEqual(await engine.volumes.apply({ ...wanted, sizeGb: 1 }), made);
    assert.equal((await engine.volumes.list()).length, 1);
  });

  engineTest('two workers at once make one volume', async () => {
    const { engine, volumeSpec, worker } = context();
    await withEngine(worker, async (other) => {
      for (let round = 0; round < 3; round += 1) {
        const wanted = volumeSpec();
        const made = await Promise.all(
          [engine, other, engine].map((each) => each.volumes.apply(wanted)),
        );
        assert.deepEqual(made[1], made[0]);
        assert.deepEqual(made[2], made[0]);
        assert.deepEqual(await other.volumes.observe(wanted), made[0]);
      }
    });
  });

  engineTest('another uid is another volume, though the id is the same', async () => {
    const { engine, volumeSpec } = context();
    const old = await engine.volumes.apply(volumeSpec());
    const next = { id: old.id, uid: 'next000000000000' };
    assert.equal(await engine.volumes.observe(next), null);
    const made = await engine.volumes.apply(volumeSpec(next));
    assert.notEqual(made.ref, old.ref);
    assert.equal((await engine.volumes.list()).length, 2);
    await engine.volumes.remove(made.ref);
    assert.deepEqual(await engine.volumes.observe(old), old);
  });

  engineTest('remove destroys a volume, once or twice, by one or by many', async () => {
    const { engine, volume, worker } = context();
    const made = await volume();
    await withEngine(worker, async (other) => {
      await Promise.all([engine, other, engine].map((each) => each.volumes.remove(made.ref)));
    });
    assert.equal(await engine.volumes.observe(made), null);
    assert.deepEqual(await engine.volumes.list(), []);
    await engine.volumes.remove(made.ref);
  });

  engineTest('a reference that is no volume of ours is gone already', async () => {
    const { engine } = context();
    await engine.volumes.remove('nothing-of-ours');
    assert.equal(await engine.volumes.usedBytes('nothing-of-ours'), null);
    await rejectsWith(engine.volumes.exportTar('nothing-of-ours'), 'not_found', 'volume_missing');
  });

  engineTest('one that vanished is not there, and only apply makes it anew', async () => {
    const { engine, tamper, volumeSpec } = context();
    const wanted = volumeSpec();
    await engine.volumes.apply(wanted);
    assert.equal(await tamper.volumeVanish(wanted), true);
    assert.equal(await engine.volumes.observe(wanted), null);
    assert.deepEqual(await engine.volumes.list(), []);
    await engine.volumes.apply(wanted);
    assert.notEqual(await engine.volumes.observe(wanted), null);
  });

  engineTest('what has our name and not our mark is not ours', async (t) => {
    const { apply, engine, images, spec, tamper, volumeSpec } = context();
    if (tamper.volumeForeign === undefined) return t.skip('there is nothing of others here');
    const wanted = volumeSpec();
    const foreign = await tamper.volumeForeign(wanted);
    try {
      assert.equal(await engine.volumes.observe(wanted), null);
      assert.deepEqual(await engine.volumes.list(), []);
      await rejectsWith(engine.volumes.apply(wanted), 'conflict', 'name_taken');
      const container = await spec(images.shell, { volumes: [mountOf(wanted)] });
      await rejectsWith(apply(container), 'not_found', 'volume_missing');
      assert.equal(await engine.containers.observe(container.id), null);
    } finally {
      await foreign.remove();
    }
  });

  engineTest("another installation's volumes are none of ours", async () => {
    const { engine, stranger, volume, volumeSpec } = context();
    const made = await volume();
    await withEngine(stranger, async (other) => {
      assert.equal(await other.volumes.observe(made), null);
      assert.deepEqual(await other.volumes.list(), []);
      await other.volumes.remove(made.ref);
      const theirs = await other.volumes.apply(volumeSpec({ id: made.id, uid: made.uid }));
      assert.notEqual(theirs.ref, made.ref);
      await engine.volumes.remove(theirs.ref);
      assert.notEqual(await other.volumes.observe(theirs), null);
      await other.volumes.remove(theirs.ref);
    });
    assert.deepEqual(await engine.volumes.observe(made), made);
  });
}

/** The suite's tests of volumes on their own. */
import assert from 'node:assert/strict';
import { engineTest, mountOf, rejectsWith, engineWith } from './context.ts';
import type { SuiteContext } from './context.ts';

export function volumesTests(context: () => SuiteContext): void {
  engineTest('a volume is created and described', async () => {
    const { engine, tenant, volume, volumeSpec } = context();
    const wanted = volumeSpec();
    assert.equal(await engine.volumes.observe(wanted), null);
    const made = await volume(wanted);
    assert.match(made.ref, /./);
    assert.deepEqual([made.id, made.uid, made.tenantId], [wanted.id, wanted.uid, tenant.id]);
    assert.match(made.storageClass, /^[a-z-]+$/);
    assert.equal(typeof made.isSizeEnforced, 'boolean');
    assert.deepEqual(made.heldBy, []);
    assert.deepEqual(await engine.volumes.observe(wanted), made);
    const { ref, id, uid, tenantId, phase } = made;
    assert.deepEqual(await engine.volumes.list(), [{ ref, id, uid, tenantId, phase }]);
  });

  engineTest(
    'a volume is stored as was said, and not at all in a class that there is not',
    async () => {
      const { engine, volumeSpec } = context();
      const storage = await engine.volumes.storage();
      for (const wanted of [volumeSpec(), volumeSpec({ storageClass: storage.storageClass })]) {
        const { storageClass, isSizeEnforced } = await engine.volumes.apply(wanted);
        assert.deepEqual({ storageClass, isSizeEnforced }, storage);
      }
      const impossible = volumeSpec({ storageClass: 'no-such-class' });
      await rejectsWith(engine.volumes.apply(impossible), 'permanent', 'unschedulable');
      assert.equal(await engine.volumes.observe(impossible), null);
    },
  );

  engineTest('tidying leaves volumes as they are', async () => {
    const { engine, volume } = context();
    const made = await volume();
    await engine.volumes.tidy();
    assert.deepEqual(await engine.volumes.observe(made), made);
  });

  engineTest('an existing volume is left unchanged, whatever size is requested', async () => {
    const { engine, volume, volumeSpec } = context();
    const wanted = volumeSpec({ sizeGb: 2 });
    const made = await volume(wanted);
    assert.deepEqual(await engine.volumes.apply(wanted), made);
    assert.deepEqual(await engine.volumes.apply({ ...wanted, sizeGb: 1 }), made);
    assert.equal((await engine.volumes.list()).length, 1);
  });

  engineTest('two workers at once create one volume', async () => {
    const { engine, volumeSpec, worker } = context();
    await engineWith(worker, async (other) => {
      for (let round = 0; round < 3; round += 1) {
        const wanted = volumeSpec();
        const made = await Promise.all(
          [engine, other, engine].map((each) => each.volumes.apply(wanted)),
        );
        // It may be bound meanwhile.
        assert.equal(made[1]?.ref, made[0]?.ref);
        assert.equal(made[2]?.ref, made[0]?.ref);
        assert.equal((await other.volumes.observe(wanted))?.ref, made[0]?.ref);
      }
    });
  });

  engineTest('another uid is another volume, even with the same id', async () => {
    const { engine, volume, volumeSpec } = context();
    const old = await volume();
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
    await engineWith(worker, async (other) => {
      await Promise.all([engine, other, engine].map((each) => each.volumes.remove(made.ref)));
    });
    assert.equal(await engine.volumes.observe(made), null);
    assert.deepEqual(await engine.volumes.list(), []);
    await engine.volumes.remove(made.ref);
  });

  engineTest('a reference that is not a volume of ours counts as removed', async () => {
    const { engine } = context();
    await engine.volumes.remove('nothing-of-ours');
    assert.equal(await engine.volumes.usedBytes('nothing-of-ours'), null);
    await rejectsWith(engine.volumes.exportTar('nothing-of-ours'), 'not_found', 'volume_missing');
  });

  engineTest('one that vanished is missing, and only apply recreates it', async () => {
    const { engine, tamper, volumeSpec } = context();
    const wanted = volumeSpec();
    await engine.volumes.apply(wanted);
    assert.equal(await tamper.volumeVanish(wanted), true);
    assert.equal(await engine.volumes.observe(wanted), null);
    assert.deepEqual(await engine.volumes.list(), []);
    await engine.volumes.apply(wanted);
    assert.notEqual(await engine.volumes.observe(wanted), null);
  });

  engineTest('an object with our name but without our mark is not ours', async (t) => {
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

  engineTest("another installation's volumes are not ours", async () => {
    const { engine, stranger, volume, volumeSpec } = context();
    const made = await volume();
    await engineWith(stranger, async (other) => {
      assert.equal(await other.volumes.observe(made), null);
      assert.deepEqual(await other.volumes.list(), []);
      await other.volumes.remove(made.ref);
      const theirs = await other.volumes.apply(volumeSpec({ id: made.id, uid: made.uid }));
      assert.notEqual(theirs.ref, made.ref);
      await engine.volumes.remove(theirs.ref);
      assert.notEqual(await other.volumes.observe(theirs), null);
      await other.volumes.remove(theirs.ref);
      // Where a volume needs its tenant, that was created too.
      await other.tenants.remove(theirs.tenantId);
    });
    assert.deepEqual(await engine.volumes.observe(made), made);
  });
}

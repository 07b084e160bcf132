/** The suite's tests of the data in volumes: measuring it, exporting it and importing it. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { engineTest, mountOf, rejectsWith } from './context.ts';
import type { SuiteContext } from './context.ts';

export function volumesDataTests(context: () => SuiteContext): void {
  engineTest('the used bytes are reported, or that they are unknown', async () => {
    const { apply, engine, images, spec, volume, volumeWrite } = context();
    const disk = await volume();
    const empty = await engine.volumes.usedBytes(disk.ref);
    assert.ok(empty === null || (empty >= 0 && empty < 1024 ** 2), String(empty));
    const holder = await spec(images.shell, { volumes: [mountOf(disk)] });
    await apply(holder);
    await volumeWrite(holder.id, '/data', 'x'.repeat(50_000));
    const used = await engine.volumes.usedBytes(disk.ref);
    assert.ok(used === null || used >= 0, String(used));
  });

  engineTest('an archive of one volume fills another', async () => {
    const { apply, engine, images, spec, volume, volumeRead, volumeWrite } = context();
    const from = await volume();
    const to = await volume();
    const holder = await spec(images.shell, { volumes: [mountOf(from)] });
    await apply(holder);
    await volumeWrite(holder.id, '/data', 'kept');
    // Also while a container runs with it.
    const archive = await buffer(await engine.volumes.exportTar(from.ref));
    await volumeWrite(holder.id, '/data', ', and more');
    await engine.volumes.importTar(to.ref, Readable.from([archive]));
    const reader = await spec(images.shell, { volumes: [mountOf(to)] });
    await apply(reader);
    assert.equal(await volumeRead(reader.id, '/data'), 'kept');
    assert.equal(await volumeRead(holder.id, '/data'), 'kept, and more');
  });

  engineTest('an empty volume has an archive too', async () => {
    const { engine, volume } = context();
    const archive = await buffer(await engine.volumes.exportTar((await volume()).ref));
    const to = await volume();
    await engine.volumes.importTar(to.ref, Readable.from([archive]));
    assert.equal((await engine.volumes.observe(to))?.ref, to.ref);
  });

  engineTest('no volume is filled while a container has it or if it is missing', async () => {
    const { apply, engine, images, spec, volume, volumeRead, volumeWrite } = context();
    const disk = await volume();
    const archive = await buffer(await engine.volumes.exportTar(disk.ref));
    const holder = await spec(images.shell, { volumes: [mountOf(disk)] });
    await apply(holder);
    await volumeWrite(holder.id, '/data', 'mine');
    const tar = () => Readable.from([archive]);
    await rejectsWith(engine.volumes.importTar(disk.ref, tar()), 'conflict', 'volume_busy');
    assert.equal(await volumeRead(holder.id, '/data'), 'mine');
    await rejectsWith(engine.volumes.importTar('nothing', tar()), 'not_found', 'volume_missing');
  });

  engineTest('an archive that breaks off fails, and leaves the volume free', async () => {
    const { apply, engine, images, spec, volume } = context();
    const disk = await volume();
    const broken = new Readable({
      read() {
        this.destroy(new Error('the input broke'));
      },
    });
    await assert.rejects(engine.volumes.importTar(disk.ref, broken), /the input broke/);
    const given = await engine.volumes.exportTar(disk.ref);
    given.on('error', () => undefined).destroy();
    const holder = await spec(images.shell, { volumes: [mountOf(disk)] });
    await apply(holder);
    assert.deepEqual((await engine.volumes.observe(disk))?.heldBy, [holder.id]);
  });

  engineTest('a volume can be removed while its archive is being read', async () => {
    const { engine, volume } = context();
    const disk = await volume();
    const given = await engine.volumes.exportTar(disk.ref);
    given.on('error', () => undefined);
    await engine.volumes.remove(disk.ref);
    given.destroy();
    assert.equal(await engine.volumes.observe(disk), null);
  });
}

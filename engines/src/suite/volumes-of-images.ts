/** The suite's tests of what images declare as a `VOLUME`: an engine keeps such data in volumes of ours only. */
import assert from 'node:assert/strict';
import { engineTest, mountOf, rejectsWith } from './context.ts';
import type { SuiteContext } from './context.ts';

export function volumesOfImagesTests(context: () => SuiteContext): void {
  engineTest('an image is reported with its volumes', async () => {
    const { images, pulled, request, spec } = context();
    for (const [ref, paths] of [
      [images.keeper, ['/data', '/data/inner']],
      [images.shell, []],
    ] as const) {
      await spec(ref);
      const image = await pulled(request(ref));
      assert.deepEqual(image.state === 'present' && image.volumePaths, paths);
    }
  });

  engineTest('an image with a VOLUME is not started without a volume for it', async () => {
    const { apply, engine, images, spec, volume } = context();
    const bare = await spec(images.keeper);
    await rejectsWith(apply(bare), 'conflict', 'image_volumes');
    const partly = { ...bare, volumes: [mountOf(await volume(), '/data/inner')] };
    await rejectsWith(apply(partly), 'conflict', 'image_volumes');
    assert.equal(await engine.containers.observe(bare.id), null);
  });

  engineTest('data at an image’s VOLUME survives the replacement of its container', async () => {
    const { apply, engine, images, spec, volume, volumeRead, volumeWrite } = context();
    const volumes = [mountOf(await volume()), mountOf(await volume(), '/data/inner')];
    const wanted = await spec(images.keeper, { volumes });
    const first = await apply(wanted);
    await volumeWrite(wanted.id, '/data', 'outer');
    await volumeWrite(wanted.id, '/data/inner', 'inner');
    await engine.containers.end(first.ref, 0);
    await apply({ ...wanted, env: { VERSION: '2' } });
    assert.equal(await volumeRead(wanted.id, '/data'), 'outer');
    assert.equal(await volumeRead(wanted.id, '/data/inner'), 'inner');
  });

  engineTest('a volume takes over what an earlier version left to the engine', async (t) => {
    const { apply, engine, images, observed, spec, tamper, volumeSpec } = context();
    if (tamper.makeOld === undefined) return t.skip('no earlier version left any here');
    const { volumeRead, volumeWrite } = context();
    const old = await spec(images.keeper);
    await tamper.makeOld(old);
    await volumeWrite(old.id, '/data', 'before ');
    await volumeWrite(old.id, '/data/inner', 'inner');
    const volumes = [];
    for (const path of ['/data', '/data/inner']) {
      const wanted = volumeSpec({ imageVolume: { containerId: old.id, path } });
      const made = await engine.volumes.apply(wanted);
      assert.deepEqual(await engine.volumes.apply(wanted), made);
      volumes.push(mountOf(made, path));
    }
    // Its process goes on with the data until it is replaced.
    await volumeWrite(old.id, '/data', 'after');
    await engine.containers.end((await observed(old.id)).ref, 0);
    await apply({ ...old, volumes });
    assert.equal(await volumeRead(old.id, '/data'), 'before after');
    assert.equal(await volumeRead(old.id, '/data/inner'), 'inner');
  });

  engineTest('a volume of an image is empty where there is nothing to take over', async () => {
    const { apply, engine, images, spec, volume, volumeRead, volumeSpec, volumeWrite } = context();
    const wanted = await spec(images.keeper);
    const outer = await engine.volumes.apply(
      volumeSpec({ imageVolume: { containerId: wanted.id, path: '/data' } }),
    );
    const inner = await volume();
    await apply({ ...wanted, volumes: [mountOf(outer), mountOf(inner, '/data/inner')] });
    await volumeWrite(wanted.id, '/data', 'first');
    assert.equal(await volumeRead(wanted.id, '/data'), 'first');
  });
}

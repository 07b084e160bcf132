/** The suite's tests of what processes see of volumes, for engines that really run them. */
import assert from 'node:assert/strict';
import type { ContainerSpec, VolumeObservation } from '../contract.ts';
import { engineTest, mountOf } from './context.ts';
import type { SuiteContext } from './context.ts';
import { scriptRun } from './script-run.ts';

export function volumesCommandsTests(context: () => SuiteContext): void {
  const run = (image: string, volumes: ContainerSpec['volumes'], script: string) =>
    scriptRun(context(), image, volumes, script);

  const owner = (disk: VolumeObservation) =>
    run(context().images.shell, [mountOf(disk)], 'stat -c "%u:%g %a" /data');

  for (const [image, ids] of [
    ['numbered', '1234:0'],
    ['named', '1500:1700'],
    ['web', '1000:1000'],
  ] as const) {
    engineTest(`an image that is not root's can write: ${image}`, async () => {
      const { images, volume } = context();
      const disk = await volume();
      const write = 'echo mine > /data/file && cat /data/file && id -u';
      const said = await run(images[image], [mountOf(disk)], write);
      assert.equal(said, `mine\n${ids.split(':')[0]}\n`);
      assert.equal(await owner(disk), `${ids} 755\n`);
      // As another image with the same user finds it.
      const more = 'echo more >> /data/file && cat /data/file';
      assert.equal(await run(images[image], [mountOf(disk)], more), 'mine\nmore\n');
    });
  }

  engineTest('a volume that has data keeps its owner, whatever image comes next', async () => {
    const { images, volume } = context();
    const disk = await volume();
    await run(images.shell, [mountOf(disk)], 'echo root > /data/file');
    await run(images.named, [mountOf(disk)], 'cat /data/file');
    assert.equal(await owner(disk), '0:0 755\n');
    const given = await volume();
    await run(images.named, [mountOf(given)], 'echo mine > /data/file');
    await run(images.numbered, [mountOf(given)], 'cat /data/file');
    assert.equal(await owner(given), '1500:1700 755\n');
  });

  engineTest(
    "an image's own files and owner at the path are copied into a fresh volume",
    async () => {
      const { images, volume } = context();
      const disk = await volume();
      const look = 'stat -c "%u:%g %a" /srv/data/. && cat /srv/data/seed && echo x > /srv/data/new';
      const mount = mountOf(disk, '/srv/data');
      assert.equal(await run(images.seeded, [mount], look), '1500:1600 750\nfrom the image\n');
      const change = 'cat /srv/data/new && echo changed > /srv/data/seed';
      assert.equal(await run(images.seeded, [mount], change), 'x\n');
      assert.equal(await run(images.seeded, [mount], 'cat /srv/data/seed'), 'changed\n');
    },
  );

  engineTest('a path through a link is the folder that the link points to', async () => {
    const { images, volume } = context();
    const disk = await volume();
    const look = 'cat /srv/data/seed && echo x > /data/new && cat /srv/data/new && test -L /data';
    const said = await run(images.seeded, [mountOf(disk, '/data')], look);
    assert.equal(said, 'from the image\nx\n');
  });

  engineTest('several fresh volumes are all writable', async () => {
    const { images, volume } = context();
    const disks = [await volume(), await volume()];
    const paths = ['/var/deep/one', `/${'long'.repeat(50)}`];
    const mounts = disks.map((disk, index) => mountOf(disk, paths[index]));
    const write = paths.map((path) => `echo a > ${path}/b && cat ${path}/b`).join(' && ');
    assert.equal(await run(images.named, mounts, write), 'a\na\n');
  });
}

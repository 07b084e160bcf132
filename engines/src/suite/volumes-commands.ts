/** The suite's tests of what processes see of volumes, for engines that really run them. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ContainerSpec, VolumeObservation } from '../contract.ts';
import { engineTest, mountOf } from './context.ts';
import type { SuiteContext } from './context.ts';

export function volumesCommandsTests(context: () => SuiteContext): void {
  /** Runs a shell script to its end in a container of that image. @returns its output. */
  async function run(
    image: string,
    volumes: ContainerSpec['volumes'],
    script: string,
  ): Promise<string> {
    const { apply, engine, inState, spec, waitFor } = context();
    const command = ['sh', '-c', `${script}; echo ended`];
    const wanted = await spec(image, { volumes, command });
    const { ref } = await apply(wanted);
    await inState(wanted.id, 'exited');
    const said = await waitFor('the end', async () => {
      const text = await engine.access.logs(ref, { tailLines: 1000, maxBytes: 100_000 });
      return text.endsWith('ended\n') && text;
    });
    await engine.containers.end(ref, 0);
    return said.slice(0, -'ended\n'.length);
  }

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

  engineTest('an archive keeps owners, modes, links, holes and times', async () => {
    const { engine, images, volume } = context();
    const from = await volume();
    const make = [
      'cd /data && chmod 2770 . && chown 7:8 .',
      'mkdir -p "a b/ü" && echo one > "a b/ü/file" && chown 1500:1700 "a b/ü/file"',
      'chmod 751 "a b/ü/file" && ln "a b/ü/file" hard && ln -s "a b/ü/file" soft',
      'echo suid > suid && chown 1500:1700 suid && chmod 6755 suid',
      'ln -s /nowhere/at/all dangling && touch -d "2001-02-03 04:05:06" hard',
      'truncate -s 200M hole && echo end >> hole && chown 123456:7654321 hole',
      `mkdir ${'n'.repeat(150)} && echo long > ${'n'.repeat(150)}/${'f'.repeat(200)}`,
    ].join(' && ');
    assert.equal(await run(images.shell, [mountOf(from)], make), '');
    const look = [
      'cd /data && stat -c "%n %u:%g %a %F %s %h %Y" . "a b" "a b/ü" "a b/ü/file" hard soft hole suid',
      'cat hard soft n*/f* && ls -l dangling && tail -c 4 hole && ls -a',
    ].join(' && ');
    const before = await run(images.shell, [mountOf(from)], look);
    assert.match(before, /7:8 2770/);
    const archive = await buffer(await engine.volumes.exportTar(from.ref));
    const to = await volume();
    await engine.volumes.importTar(to.ref, Readable.from([archive]));
    assert.equal(await run(images.shell, [mountOf(to)], look), before);
  });
}

/** The suite's tests of what archives of volumes keep, for engines that really run processes. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ContainerSpec } from '../contract.ts';
import { engineTest, mountOf } from './context.ts';
import type { SuiteContext } from './context.ts';
import { scriptRun } from './script-run.ts';

/** @param largeIds why ids above 65,535 can't be had. */
export function volumesArchivesTests(context: () => SuiteContext, largeIds?: string): void {
  const run = (image: string, volumes: ContainerSpec['volumes'], script: string) =>
    scriptRun(context(), image, volumes, script);

  engineTest('an archive keeps owners, modes, links, holes and times', async () => {
    const { engine, images, volume } = context();
    const from = await volume();
    const make = [
      'cd /data && chmod 2770 . && chown 7:8 .',
      'mkdir -p "a b/ü" && echo one > "a b/ü/file" && chown 1500:1700 "a b/ü/file"',
      'chmod 751 "a b/ü/file" && ln "a b/ü/file" hard && ln -s "a b/ü/file" soft',
      'echo suid > suid && chown 1500:1700 suid && chmod 6755 suid',
      'ln -s /nowhere/at/all dangling && touch -d "2001-02-03 04:05:06" hard',
      'truncate -s 200M hole && echo end >> hole && chown 123:456 hole',
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

  const skip = largeIds ?? false;
  engineTest('an archive keeps ids above 65,535', { skip }, async () => {
    const { engine, images, volume } = context();
    const from = await volume();
    const make = 'cd /data && echo large > file && chown 123456:7654321 file';
    assert.equal(await run(images.shell, [mountOf(from)], make), '');
    const to = await volume();
    await engine.volumes.importTar(to.ref, await engine.volumes.exportTar(from.ref));
    const look = 'stat -c %u:%g /data/file';
    assert.equal(await run(images.shell, [mountOf(to)], look), '123456:7654321\n');
  });
}

import assert from 'node:assert/strict';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../../contract.ts';
import { volumeDockerName } from '../base/names.ts';
import type { DockerStep } from '../base/options.ts';
import {
  docker,
  testEngineCreate,
  installationIdCreate,
  testInstallationRemove,
} from '../test/setup.ts';
import {
  loopFilesBelow,
  loopVolumesSkip,
  mountsBelow,
  volumesFolderCreate,
  volumeSpecCreate,
  volumesFolderRemove,
  workInProcess,
} from '../test/volumes.ts';

const APPLY_STEPS: readonly DockerStep[] = ['volume-filled', 'volume-placed', 'volume-mounted'];
const REMOVE_STEPS: readonly DockerStep[] = [
  'volume-released',
  'volume-unmounted',
  'volume-trashed',
];
const HOUR_MS = 3_600_000;

describe('a process killed during a volume verb', { skip: await loopVolumesSkip() }, () => {
  const installationId = installationIdCreate();
  let volumesDir = '';
  let engine: Engine;
  let lastId = 0;

  before(async () => {
    volumesDir = await volumesFolderCreate();
    engine = testEngineCreate({ installationId, volumesDir });
    await engine.host?.start();
  });
  after(async () => {
    await engine.close();
    await testInstallationRemove(installationId);
    await volumesFolderRemove(volumesDir);
  });

  /** Starts the engine again at a later time, which removes what dead processes left behind. */
  async function startLater(): Promise<void> {
    const now = () => new Date(Date.now() + HOUR_MS);
    const later = testEngineCreate({ installationId, volumesDir, now });
    await later.host?.start();
    await later.close();
  }

  async function assertNothingLeft(): Promise<void> {
    assert.deepEqual(await engine.volumes.list(), []);
    assert.deepEqual(await readdir(volumesDir), []);
    assert.deepEqual(await mountsBelow(volumesDir), []);
    assert.deepEqual(await loopFilesBelow(volumesDir), []);
    const filters = JSON.stringify({ label: [`dollarbox.installation=${installationId}`] });
    assert.deepEqual((await docker.listVolumes({ filters })).Volumes ?? [], []);
  }

  /** Makes one call in a process that kills itself at that step. */
  const dying = (call: readonly [string, unknown], dieAt: DockerStep) =>
    workInProcess({ options: { installationId, volumesDir }, calls: [call], dieAt });

  for (const dieAt of APPLY_STEPS) {
    test(`during creation, at ${dieAt}: the next apply creates it`, async () => {
      const spec = volumeSpecCreate((lastId += 1));
      assert.equal(await dying(['volumes.apply', spec], dieAt), 'SIGKILL');
      const made = await engine.volumes.apply(spec);
      assert.deepEqual(await engine.volumes.observe(spec), made);
      assert.equal((await engine.volumes.list()).length, 1);
      assert.equal((await mountsBelow(volumesDir)).length, 1);
      assert.equal((await loopFilesBelow(volumesDir)).length, 1);
      await engine.volumes.remove(made.ref);
      await startLater();
      await assertNothingLeft();
    });

    test(`during creation, at ${dieAt}, and it is no longer wanted: nothing is left`, async () => {
      const spec = volumeSpecCreate((lastId += 1));
      assert.equal(await dying(['volumes.apply', spec], dieAt), 'SIGKILL');
      const found = await engine.volumes.observe(spec);
      if (found !== null) await engine.volumes.remove(found.ref);
      await startLater();
      await assertNothingLeft();
    });

    test(`during creation, at ${dieAt}, without another call: nothing is left`, async () => {
      const spec = volumeSpecCreate((lastId += 1));
      assert.equal(await dying(['volumes.apply', spec], dieAt), 'SIGKILL');
      await startLater();
      await assertNothingLeft();
    });
  }

  for (const dieAt of REMOVE_STEPS) {
    test(`during removal, at ${dieAt}: the next removal completes it`, async () => {
      const spec = volumeSpecCreate((lastId += 1));
      const made = await engine.volumes.apply(spec);
      assert.equal(await dying(['volumes.remove', made.ref], dieAt), 'SIGKILL');
      assert.equal(await engine.volumes.observe(spec), null);
      assert.deepEqual(await engine.volumes.list(), []);
      await engine.volumes.remove(made.ref);
      await startLater();
      await assertNothingLeft();
    });

    test(`during removal, at ${dieAt}, without another call: nothing is left`, async () => {
      const spec = volumeSpecCreate((lastId += 1));
      const made = await engine.volumes.apply(spec);
      assert.equal(await dying(['volumes.remove', made.ref], dieAt), 'SIGKILL');
      await startLater();
      await assertNothingLeft();
    });
  }

  test('the folder of a creation that was killed goes at the next sweep, one in use stays', async () => {
    const spec = volumeSpecCreate((lastId += 1));
    assert.equal(await dying(['volumes.apply', spec], 'volume-filled'), 'SIGKILL');
    assert.equal((await readdir(volumesDir)).length, 1);
    let seen: string[] = [];
    // Another worker, in the same process, sweeps while a volume is being created.
    const busy = testEngineCreate({
      ...{ installationId, volumesDir },
      async onStep(step) {
        if (step !== 'volume-filled') return;
        await engine.volumes.tidy();
        seen = await readdir(volumesDir);
      },
    });
    const made = await busy.volumes.apply(volumeSpecCreate((lastId += 1)));
    assert.equal(seen.length, 1);
    assert.match(seen[0] ?? '', new RegExp(`^making-\\d+-${process.pid}-`));
    assert.notEqual(await engine.volumes.observe(made), null);
    await engine.volumes.remove(made.ref);
    await busy.close();
    await assertNothingLeft();
  });

  test('a folder of a process that can not be looked up goes when it is older than any verb', async () => {
    const elsewhere = join(volumesDir, 'making-1-1-1-abcdef');
    await mkdir(elsewhere);
    await engine.volumes.tidy();
    assert.equal((await readdir(volumesDir)).length, 1);
    const long = new Date(Date.now() - HOUR_MS);
    await utimes(elsewhere, long, long);
    await engine.volumes.tidy();
    await assertNothingLeft();
  });

  test('a kept volume is never deleted, whatever Docker has of it', async () => {
    const spec = volumeSpecCreate((lastId += 1));
    const made = await engine.volumes.apply(spec);
    const file = join(volumesDir, made.ref, 'mount', 'data', 'file');
    await writeFile(file, 'kept');
    await docker.getVolume(volumeDockerName(installationId, spec)).remove();
    await startLater();
    assert.deepEqual(await engine.volumes.observe(spec), made);
    const other = await workInProcess({
      options: { installationId, volumesDir },
      calls: [['volumes.apply', spec]],
    });
    assert.deepEqual(other, made);
    const archive = await engine.volumes.exportTar(made.ref);
    let text = '';
    for await (const chunk of archive) text += String(chunk);
    assert.match(text, /kept/);
    await engine.volumes.remove(made.ref);
    await assertNothingLeft();
  });
});

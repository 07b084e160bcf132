import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Engine } from '../contract.ts';
import { volumeDockerName } from './names.ts';
import type { DockerStep } from './options.ts';
import { docker, newEngine, newInstallationId, removeInstallation } from './test-setup.ts';
import {
  loopFilesBelow,
  loopVolumesSkip,
  mountsBelow,
  newVolumesFolder,
  newVolumeSpec,
  removeVolumesFolder,
  workInProcess,
} from './test-volumes.ts';

const APPLY_STEPS: readonly DockerStep[] = ['volume-filled', 'volume-placed', 'volume-mounted'];
const REMOVE_STEPS: readonly DockerStep[] = [
  'volume-released',
  'volume-unmounted',
  'volume-trashed',
];
const HOUR_MS = 3_600_000;

describe('a process that is killed over a volume', { skip: await loopVolumesSkip() }, () => {
  const installationId = newInstallationId();
  let volumesDir = '';
  let engine: Engine;
  let lastId = 0;

  before(async () => {
    volumesDir = await newVolumesFolder();
    engine = newEngine({ installationId, volumesDir });
    await engine.start();
  });
  after(async () => {
    await engine.close();
    await removeInstallation(installationId);
    await removeVolumesFolder(volumesDir);
  });

  /** The engine starts again, at a later time: what is left of dead processes goes. */
  async function startLater(): Promise<void> {
    const now = () => new Date(Date.now() + HOUR_MS);
    const later = newEngine({ installationId, volumesDir, now });
    await later.start();
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
    test(`as it is made, at ${dieAt}: the next apply makes one`, async () => {
      const spec = newVolumeSpec((lastId += 1));
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

    test(`as it is made, at ${dieAt}, and it is not wanted any more: nothing is left`, async () => {
      const spec = newVolumeSpec((lastId += 1));
      assert.equal(await dying(['volumes.apply', spec], dieAt), 'SIGKILL');
      const found = await engine.volumes.observe(spec);
      if (found !== null) await engine.volumes.remove(found.ref);
      await startLater();
      await assertNothingLeft();
    });

    test(`as it is made, at ${dieAt}, and nobody asks again: nothing is left`, async () => {
      const spec = newVolumeSpec((lastId += 1));
      assert.equal(await dying(['volumes.apply', spec], dieAt), 'SIGKILL');
      await startLater();
      await assertNothingLeft();
    });
  }

  for (const dieAt of REMOVE_STEPS) {
    test(`as it is removed, at ${dieAt}: the next removal ends it`, async () => {
      const spec = newVolumeSpec((lastId += 1));
      const made = await engine.volumes.apply(spec);
      assert.equal(await dying(['volumes.remove', made.ref], dieAt), 'SIGKILL');
      assert.equal(await engine.volumes.observe(spec), null);
      assert.deepEqual(await engine.volumes.list(), []);
      await engine.volumes.remove(made.ref);
      await startLater();
      await assertNothingLeft();
    });

    test(`as it is removed, at ${dieAt}, and nobody asks again: nothing is left`, async () => {
      const spec = newVolumeSpec((lastId += 1));
      const made = await engine.volumes.apply(spec);
      assert.equal(await dying(['volumes.remove', made.ref], dieAt), 'SIGKILL');
      await startLater();
      await assertNothingLeft();
    });
  }

  test('what is kept is never tidied away, whatever Docker has of it', async () => {
    const spec = newVolumeSpec((lastId += 1));
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

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rename, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { imagesBuild } from '@dollarbox/testbed/images';
import type { TestImages } from '@dollarbox/testbed/images';
import type { ContainerObservation, Engine, VolumeKey, VolumeObservation } from '../../contract.ts';
import {
  docker,
  testEngineCreate,
  installationIdCreate,
  testTenantCreate,
  testInstallationRemove,
  insideRun,
  specOf,
  waitFor,
} from '../test/setup.ts';
import {
  loopFilesBelow,
  loopVolumesSkip,
  mountsBelow,
  volumesFolderCreate,
  volumeSpecCreate,
  volumesFolderRemove,
} from '../test/volumes.ts';

const GB = 1e9;
const MIB = 1024 ** 2;

describe('volumes with file systems of their own', { skip: await loopVolumesSkip() }, () => {
  const installationId = installationIdCreate();
  const tenant = testTenantCreate(1);
  let volumesDir = '';
  let engine: Engine;
  let images: TestImages;
  let lastId = 0;

  before(async () => {
    images = await imagesBuild(docker);
    volumesDir = await volumesFolderCreate();
    engine = testEngineCreate({ installationId, volumesDir });
    await engine.host?.start();
    await engine.tenants.ensure(tenant);
  });
  after(async () => {
    await engine.close();
    await testInstallationRemove(installationId);
    await volumesFolderRemove(volumesDir);
  });

  const make = () => engine.volumes.apply(volumeSpecCreate((lastId += 1)));
  const folderOf = ({ ref }: VolumeObservation) => join(volumesDir, ref);
  const unmount = (disk: VolumeObservation) =>
    promisify(execFile)('umount', [join(folderOf(disk), 'mount')]);

  async function mounting(...disks: VolumeKey[]): Promise<ContainerObservation> {
    const volumes = disks.map(({ id, uid }) => ({ volume: { id, uid }, mountPath: `/v${id}` }));
    const spec = await specOf(images.shell, tenant, (lastId += 1), { volumes });
    return engine.containers.apply(spec);
  }

  /** Applies the container again with the spec it was created from. */
  async function applyAgain({ id }: ContainerObservation, ...disks: VolumeKey[]) {
    const volumes = disks.map((disk) => ({
      volume: { id: disk.id, uid: disk.uid },
      mountPath: `/v${disk.id}`,
    }));
    return engine.containers.apply(await specOf(images.shell, tenant, id, { volumes }));
  }

  async function end({ id, ref }: ContainerObservation): Promise<void> {
    await docker.getContainer(ref).kill();
    await waitFor(
      'the exit',
      async () => (await engine.containers.observe(id))?.state === 'exited',
    );
  }

  test('concurrent removals of one volume all succeed', async () => {
    for (let round = 0; round < 15; round += 1) {
      const made = await make();
      const asked = Array.from({ length: 8 }, () => engine.volumes.remove(made.ref));
      const failed = (await Promise.allSettled(asked)).filter(
        ({ status }) => status === 'rejected',
      );
      assert.deepEqual(failed, []);
      assert.equal(await engine.volumes.observe(made), null);
    }
    assert.deepEqual(await readdir(volumesDir), []);
  });

  test('it reports that its size is enforced, and provides the requested space', async () => {
    const disk = await make();
    assert.deepEqual([disk.storageClass, disk.isSizeEnforced], ['docker-loop', true]);
    const box = await mounting(disk);
    const said = await insideRun(box.ref, `df -Pk /v${disk.id} | tail -n 1`);
    const [, totalKib = 0, , freeKib = 0] = said.trim().split(/\s+/).map(Number);
    assert.ok(freeKib * 1024 >= GB, said);
    assert.ok(totalKib * 1024 < 1.1 * GB, said);
    assert.equal(await insideRun(box.ref, `ls -A /v${disk.id}`), '');
  });

  test('it grants neither devices nor the rights of another user', async () => {
    const disk = await make();
    const box = await mounting(disk);
    const table = await insideRun(box.ref, 'cat /proc/self/mountinfo');
    const line = table.split('\n').find((each) => each.split(' ')[4] === `/v${disk.id}`) ?? '';
    const options = line.split(' ')[5]?.split(',') ?? [];
    assert.ok(options.includes('nosuid') && options.includes('nodev'), line);
    const { mode } = await stat(volumesDir);
    assert.equal(mode & 0o077, 0);
  });

  test('when it is full, only its own process gets an error', async () => {
    const [full, other] = [await make(), await make()];
    const [box, neighbour] = [await mounting(full), await mounting(other)];
    const fill = `dd if=/dev/zero of=/v${full.id}/big bs=1M count=1200 2>&1; echo after $?`;
    assert.match(await insideRun(box.ref, fill), /No space left on device[^]*after [1-9]/);
    assert.ok(((await engine.volumes.usedBytes(full.ref)) ?? 0) >= 0.99 * GB);
    const write = `dd if=/dev/zero of=/v${other.id}/some bs=1M count=20 2>&1 && sync && echo well`;
    assert.match(await insideRun(neighbour.ref, write), /well\n$/);
    assert.equal(await insideRun(box.ref, 'echo x > /elsewhere && cat /elsewhere'), 'x\n');

    // Space freed inside is returned to the machine.
    const image = join(folderOf(full), 'disk.ext4');
    assert.ok((await stat(image)).blocks * 512 > 900 * MIB);
    await insideRun(box.ref, `rm /v${full.id}/big && sync`);
    await waitFor('room', async () => (await stat(image)).blocks * 512 < 100 * MIB);
    assert.ok(((await engine.volumes.usedBytes(full.ref)) ?? GB) < MIB);
  });

  test('while it is not mounted nothing starts on an empty folder, and then it is mounted', async () => {
    const disk = await make();
    const box = await mounting(disk);
    await insideRun(box.ref, `echo kept > /v${disk.id}/file`);
    await end(box);
    // As after a reboot.
    await unmount(disk);
    await assert.rejects(docker.getContainer(box.ref).start(), /no such file or directory/);
    assert.equal((await applyAgain(box, disk)).ref, box.ref);
    assert.equal(await insideRun(box.ref, `cat /v${disk.id}/file`), 'kept\n');

    await end(box);
    await unmount(disk);
    assert.deepEqual((await engine.volumes.observe(disk))?.heldBy, [box.id]);
    assert.equal((await mountsBelow(folderOf(disk))).length, 1);
  });

  test('two workers at once mount it once', async () => {
    const disk = await make();
    const other = testEngineCreate({ installationId, volumesDir });
    await other.host?.start();
    for (let round = 0; round < 5; round += 1) {
      await unmount(disk);
      await Promise.all([engine, other, engine].map((each) => each.volumes.observe(disk)));
      assert.equal((await mountsBelow(folderOf(disk))).length, 1);
      assert.equal((await loopFilesBelow(folderOf(disk))).length, 1);
    }
    await other.close();
  });

  test("the data survives the removal of Docker's volume object", async () => {
    const disk = await make();
    const box = await mounting(disk);
    await insideRun(box.ref, `echo kept > /v${disk.id}/file`);
    await engine.containers.end(box.ref, 0);
    await docker.getVolume(disk.ref).remove();
    assert.ok((await engine.volumes.list()).some(({ ref }) => ref === disk.ref));
    assert.deepEqual(await engine.volumes.observe(disk), disk);
    await docker.getVolume(disk.ref).remove();
    const next = await mounting(disk);
    assert.equal(await insideRun(next.ref, `cat /v${disk.id}/file`), 'kept\n');
  });

  test('a volume whose disk is missing is absent, and returns with the disk', async () => {
    const disk = await make();
    const box = await mounting(disk);
    await insideRun(box.ref, `echo kept > /v${disk.id}/file`);
    await end(box);
    await unmount(disk);
    await rename(folderOf(disk), join(volumesDir, 'away'));
    assert.equal(await engine.volumes.observe(disk), null);
    assert.ok(!(await engine.volumes.list()).some(({ ref }) => ref === disk.ref));
    await assert.rejects(applyAgain(box, disk), { reason: 'volume_missing' });
    await rename(join(volumesDir, 'away'), folderOf(disk));
    assert.deepEqual((await engine.volumes.observe(disk))?.ref, disk.ref);
    await applyAgain(box, disk);
    assert.equal(await insideRun(box.ref, `cat /v${disk.id}/file`), 'kept\n');
  });

  test('a worker with another folder finds it where it was created', async () => {
    const elsewhere = await volumesFolderCreate();
    const other = testEngineCreate({ installationId, volumesDir: elsewhere });
    await other.host?.start();
    try {
      const disk = await make();
      const box = await mounting(disk);
      await insideRun(box.ref, `echo kept > /v${disk.id}/file`);
      assert.deepEqual(await other.volumes.apply(volumeSpecCreate(disk.id)), {
        ...disk,
        heldBy: [box.id],
      });
      assert.ok((await other.volumes.list()).some(({ ref }) => ref === disk.ref));
      await engine.containers.end(box.ref, 0);
      await other.volumes.remove(disk.ref);
      assert.equal(await engine.volumes.observe(disk), null);
      await assert.rejects(stat(folderOf(disk)), { code: 'ENOENT' });
    } finally {
      await other.close();
      await volumesFolderRemove(elsewhere);
    }
  });

  test('two workers with separate folders create one volume, and leave no remains of the other', async () => {
    const elsewhere = await volumesFolderCreate();
    const other = testEngineCreate({ installationId, volumesDir: elsewhere });
    await other.host?.start();
    try {
      for (let round = 0; round < 4; round += 1) {
        const spec = volumeSpecCreate((lastId += 1));
        const [one, two] = await Promise.all(
          [engine, other].map((each) => each.volumes.apply(spec)),
        );
        assert.deepEqual(one, two);
        const places = [join(volumesDir, one?.ref ?? ''), join(elsewhere, one?.ref ?? '')];
        const there = await Promise.all(places.map((path) => stat(path).catch(() => null)));
        assert.equal(there.filter((each) => each !== null).length, 1);
        await engine.volumes.remove(one?.ref ?? '');
      }
      assert.deepEqual(await readdir(elsewhere), []);
    } finally {
      await other.close();
      await volumesFolderRemove(elsewhere);
    }
  });

  test('after an error made it read-only, it is remounted before the next start', async () => {
    const disk = await make();
    const box = await mounting(disk);
    await insideRun(box.ref, `echo kept > /v${disk.id}/file`);
    // As the kernel does if it can't write.
    const mountPoint = join(folderOf(disk), 'mount');
    await end(box);
    await promisify(execFile)('mount', ['-o', 'remount,ro', mountPoint]);
    await engine.volumes.observe(disk);
    await applyAgain(box, disk);
    const both = `cat /v${disk.id}/file && echo more >> /v${disk.id}/file && echo well`;
    assert.equal(await insideRun(box.ref, both), 'kept\nwell\n');
  });

  test('a volume that was made for a daemon with other users is not mounted', async () => {
    const disk = await make();
    const details = join(folderOf(disk), 'volume.json');
    const kept = await readFile(details, 'utf8');
    const other = { ...JSON.parse(kept), shift: { uid: 1_000_000, gid: 1_000_000 } };
    await writeFile(details, JSON.stringify(other));
    await assert.rejects(mounting(disk), {
      ...{ kind: 'permanent', reason: 'start_error' },
      message: /belongs to the users of another mode of the container engine/,
    });
    assert.deepEqual(await engine.volumes.observe(disk), disk);
    // Volumes that were made by earlier versions do not say whose they are: those of a daemon without user namespaces.
    const { shift, ...before } = JSON.parse(kept) as { shift: { uid: number } };
    await writeFile(details, JSON.stringify(shift.uid === 0 ? before : { ...before, shift }));
    const box = await mounting(disk);
    assert.equal(await insideRun(box.ref, `stat -c %u:%g /v${disk.id}`), '0:0\n');
  });

  test('reserved space is allocated at once, and kept', async () => {
    const strict = testEngineCreate({ installationId, volumesDir, reservesVolumes: true });
    await strict.host?.start();
    const disk = await strict.volumes.apply(volumeSpecCreate((lastId += 1)));
    const taken = async () => (await stat(join(folderOf(disk), 'disk.ext4'))).blocks * 512;
    assert.ok((await taken()) >= GB);
    const box = await mounting(disk);
    const use = `dd if=/dev/zero of=/v${disk.id}/big bs=1M count=50 2>/dev/null && sync`;
    await insideRun(box.ref, `${use} && rm /v${disk.id}/big && sync`);
    await end(box);
    await unmount(disk);
    await engine.volumes.observe(disk);
    assert.ok((await taken()) >= GB);
    const host = await statfs(volumesDir);
    const size = Math.ceil((host.bavail * host.bsize) / 1024 ** 3);
    const tooLarge = volumeSpecCreate((lastId += 1), { sizeGb: size });
    await assert.rejects(strict.volumes.apply(tooLarge), { reason: 'unschedulable' });
    await strict.close();
  });

  test('a volume that does not fit is refused, and leaves nothing behind', async () => {
    const spec = volumeSpecCreate((lastId += 1));
    const before = await readdir(volumesDir);
    const refused = { kind: 'permanent', reason: 'unschedulable' };
    await assert.rejects(engine.volumes.apply({ ...spec, sizeGb: 1_000_000 }), refused);
    const strict = testEngineCreate({ installationId, volumesDir, storageReserveBytes: 2 ** 60 });
    await strict.host?.start();
    await assert.rejects(strict.volumes.apply(spec), refused);
    await strict.close();
    assert.equal(await engine.volumes.observe(spec), null);
    assert.deepEqual(await readdir(volumesDir), before);
  });

  test("where it does not work, volumes are Docker's own, and are reported as such", async () => {
    const warnings: object[] = [];
    const log = { info() {}, error() {}, warn: (fields: object) => void warnings.push(fields) };
    const other = testEngineCreate({ installationId, volumesDir: `${process.execPath}/none`, log });
    await other.host?.start();
    const made = await other.volumes.apply(volumeSpecCreate((lastId += 1)));
    assert.deepEqual([made.storageClass, made.isSizeEnforced], ['docker-local', false]);
    assert.deepEqual(await other.volumes.storage(), {
      ...{ storageClass: 'docker-local', isSizeEnforced: false },
    });
    assert.match(JSON.stringify(warnings), /A trial failed/);
    // One that was promised a file system of its own is not stored without.
    const promised = volumeSpecCreate((lastId += 1), { storageClass: 'docker-loop' });
    await assert.rejects(other.volumes.apply(promised), {
      ...{ kind: 'permanent', reason: 'unschedulable' },
      message: /file systems of their own/,
    });
    const plain = volumeSpecCreate((lastId += 1), { storageClass: 'docker-local' });
    const stored = await engine.volumes.apply(plain);
    assert.deepEqual([stored.storageClass, stored.isSizeEnforced], ['docker-local', false]);
    await engine.volumes.remove(stored.ref);
    // A volume that already has a file system keeps it.
    const disk = await make();
    assert.deepEqual(await other.volumes.observe(disk), disk);
    await other.volumes.remove(made.ref);
    await other.volumes.remove(disk.ref);
    assert.equal(await engine.volumes.observe(disk), null);
    await other.close();
  });

  test('a removal leaves nothing behind: no mount, no device, no file, no object', async () => {
    const disk = await make();
    const box = await mounting(disk);
    await engine.containers.end(box.ref, 0);
    await engine.volumes.remove(disk.ref);
    assert.deepEqual(await mountsBelow(folderOf(disk)), []);
    assert.deepEqual(await loopFilesBelow(folderOf(disk)), []);
    assert.ok(!(await loopFilesBelow(volumesDir)).some((file) => file.includes('deleted')));
    assert.ok(!(await readdir(volumesDir)).some((name) => /trash|making/.test(name)));
    await assert.rejects(docker.getVolume(disk.ref).inspect(), { statusCode: 404 });
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { after, beforeEach, test } from 'node:test';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { systemFakeClock } from '@dollarbox/engines/fake/clock';
import { fakeWorldCreate } from '@dollarbox/engines/fake/world';
import type { VolumeBackup } from './manifest.ts';
import type { Supervision } from './supervision.ts';
import { restoreFinish, volumesExport, volumesImport } from './volume-data.ts';

const VOLUMES = ['a', 'b'].map((name, index) => ({
  id: index + 1,
  uid: name.repeat(16),
  tenantId: 1,
  name,
  sizeGb: 1,
}));

/** Without a person following the operation. */
const UNATTENDED: Supervision = { progress() {}, signal: new AbortController().signal };

const folder = mkdtempSync(join(tmpdir(), 'dollarbox-volume-data-'));
after(() => rmSync(folder, { recursive: true, force: true }));

let serial = 0;
let dataDir: string;
let engine: Engine;
/** A backup of two volumes, each holding its own name. */
let backup: { folder: string; volumes: VolumeBackup[]; createdAt: string };

function engineCreate(): Engine {
  const world = fakeWorldCreate({ clock: systemFakeClock(), seed: 1 });
  return fakeEngineCreate(world, { installationId: 'installation' });
}

const fill = (on: Engine, ref: string, data: string) =>
  on.volumes.importTar(ref, Readable.from([Buffer.from(data)]));

async function dataOf(index: number): Promise<string | null> {
  const volume = VOLUMES[index] ?? assert.fail();
  const found = await engine.volumes.observe(volume);
  return found === null ? null : text(await engine.volumes.exportTar(found.ref));
}

beforeEach(async () => {
  serial += 1;
  dataDir = join(folder, `data-${serial}`);
  const source = engineCreate();
  for (const volume of VOLUMES) {
    await fill(source, (await source.volumes.apply(volume)).ref, volume.name);
  }
  const to = join(folder, `backup-${serial}`);
  const volumes = await volumesExport(source, to, VOLUMES, UNATTENDED);
  backup = { folder: to, volumes, createdAt: '2026-11-24T12:00:00.000Z' };
  engine = engineCreate();
});

const restore = (on: Engine = engine, createdAt = backup.createdAt, by = UNATTENDED) =>
  volumesImport(on, backup.folder, dataDir, { ...backup, createdAt }, by);

/** The same engine, but filling the second volume fails half way. */
function engineBreaking(): Engine {
  let count = 0;
  const importTar: Engine['volumes']['importTar'] = async (ref, tar) => {
    count += 1;
    if (count === 1) return engine.volumes.importTar(ref, tar);
    await fill(engine, ref, 'half');
    throw new EngineError('retryable', 'engine_error', 'The engine went away.');
  };
  return { ...engine, volumes: { ...engine.volumes, importTar } };
}

test('creates and fills missing volumes', async () => {
  assert.deepEqual((await restore()).kept, []);
  assert.deepEqual([await dataOf(0), await dataOf(1)], ['a', 'b']);
});

test('a volume that exists keeps its data', async () => {
  const { ref } = await engine.volumes.apply(VOLUMES[0] ?? assert.fail());
  await fill(engine, ref, 'newer');
  assert.deepEqual((await restore()).kept, ['a']);
  assert.deepEqual([await dataOf(0), await dataOf(1)], ['newer', 'b']);
});

test('after an interruption only the half-filled volume is filled again', async () => {
  await assert.rejects(restore(engineBreaking()), /The volume b \(id 2\) could not be restored/);
  assert.equal(await dataOf(1), 'half');
  const first = (await engine.volumes.observe(VOLUMES[0] ?? assert.fail()))?.ref ?? '';
  await fill(engine, first, 'a, and more');
  assert.deepEqual((await restore()).kept, []);
  assert.deepEqual([await dataOf(0), await dataOf(1)], ['a, and more', 'b']);
});

/** Asks to end as soon as the second volume has started. */
function impatient() {
  const ending = new AbortController();
  const progress = (text: string) => {
    if (text.startsWith('Volume 2')) ending.abort();
  };
  return { progress, signal: ending.signal };
}

test('a restore that is asked to end leaves its current volume, and continues there the next time', async () => {
  await assert.rejects(restore(engine, backup.createdAt, impatient()), { name: 'AbortError' });
  assert.equal(await dataOf(0), 'a');
  assert.deepEqual((await restore()).kept, []);
  assert.deepEqual([await dataOf(0), await dataOf(1)], ['a', 'b']);
});

test('an export that is asked to end stops at its current volume', async () => {
  await restore();
  const to = join(folder, `backup-${serial}-again`);
  await assert.rejects(volumesExport(engine, to, VOLUMES, impatient()), { name: 'AbortError' });
});

test('volumes begun by the restore of another backup are not removed', async () => {
  await assert.rejects(restore(engineBreaking()));
  await assert.rejects(restore(engine, '2026-11-25T12:00:00.000Z'), /was broken off here/);
  assert.equal(await dataOf(1), 'half');
});

test('nothing is remembered of a restore that has ended', async () => {
  await restore();
  restoreFinish(dataDir);
  assert.deepEqual((await restore()).kept, ['a', 'b']);
});

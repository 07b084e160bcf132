import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { layerShelfCreate } from './layer-shelf.ts';
import type { LayerOwner, LayerShelf } from './layer-shelf.ts';

const OWNER: LayerOwner = { tenantId: 1, credentialId: null, registry: 'registry.example.com' };
const folders: string[] = [];
let folder: string;
let nowMs: number;
let shelf: LayerShelf;

const blobOf = (content: Buffer) => ({
  digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  size: content.length,
});
const shelfCreate = (options: { maxBytes?: number; storageReserveBytes?: number } = {}) =>
  layerShelfCreate({ folder, now: () => new Date(nowMs), storageReserveBytes: 0, ...options });

beforeEach(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'dollarbox-shelf-'));
  folders.push(parent);
  folder = join(parent, 'layers');
  nowMs = Date.now();
  shelf = shelfCreate();
});
after(async () => {
  for (const each of folders) await rm(each, { recursive: true });
});

async function keep(content: Buffer, owner = OWNER, by = shelf): Promise<void> {
  const source = Readable.from([content.subarray(0, 10), content.subarray(10)]);
  const passed: Buffer[] = [];
  for await (const chunk of by.keep(owner, blobOf(content), source)) passed.push(chunk);
  assert.ok(Buffer.concat(passed).equals(content));
}

async function read(content: Buffer, owner = OWNER): Promise<Buffer | null> {
  const found = await shelf.open(owner, blobOf(content));
  return found && buffer(found);
}

const count = async () => (await readdir(folder)).length;

test('a layer is kept for the org, the credential and the registry that it was obtained with', async () => {
  const content = randomBytes(1000);
  assert.equal(await read(content), null);
  await keep(content);
  assert.deepEqual(await read(content), content);
  for (const other of [{ tenantId: 2 }, { credentialId: 1 }, { registry: 'other.example.com' }]) {
    assert.equal(await read(content, { ...OWNER, ...other }), null);
  }
  await shelf.clear(OWNER, [blobOf(content)]);
  assert.equal(await count(), 0);
});

test('a layer that fails, or is not read to its end, is not kept', async () => {
  const content = randomBytes(1000);
  async function* failing(): AsyncGenerator<Buffer> {
    yield content;
    throw new Error('no');
  }
  await assert.rejects(async () => {
    for await (const _ of shelf.keep(OWNER, blobOf(content), failing()));
  }, /^Error: no$/);
  for await (const _ of shelf.keep(OWNER, blobOf(content), Readable.from([content, content])))
    break;
  assert.equal(await count(), 0);
});

test('a layer that the disk has damaged fails once, and is then obtained again', async () => {
  const content = randomBytes(1000);
  await keep(content);
  const [name = ''] = await readdir(folder);
  await truncate(join(folder, name), 500);
  await assert.rejects(read(content), /something else/);
  assert.equal(await read(content), null);
});

test('the sweep removes what is old, and the oldest beyond the limit', async () => {
  const contents = Array.from({ length: 4 }, () => randomBytes(1000));
  for (const [index, content] of contents.entries()) {
    const before = new Set(await readdir(folder).catch(() => []));
    await keep(content);
    const name = (await readdir(folder)).find((each) => !before.has(each)) ?? '';
    const at = new Date(nowMs - (4 - index) * 3_600_000);
    await utimes(join(folder, name), at, at);
  }
  await writeFile(join(folder, 'abandoned.part'), 'x');
  await shelf.sweep();
  assert.equal(await count(), 5);
  await shelfCreate({ maxBytes: 2500 }).sweep();
  assert.equal(await read(contents[0] as Buffer), null);
  assert.deepEqual(await read(contents[3] as Buffer), contents[3]);
  nowMs += 3 * 3_600_000;
  await shelf.sweep();
  assert.ok(!(await readdir(folder)).includes('abandoned.part'));
  nowMs += 24 * 3_600_000;
  await shelf.sweep();
  assert.equal(await count(), 0);
});

test('what does not fit is passed on without being kept', async () => {
  await keep(randomBytes(1000), OWNER, shelfCreate({ maxBytes: 999 }));
  await keep(randomBytes(1000), OWNER, shelfCreate({ storageReserveBytes: 2 ** 60 }));
  assert.deepEqual(await readdir(folder), []);
  const nowhere = layerShelfCreate({ folder: null, now: () => new Date(), storageReserveBytes: 0 });
  await keep(randomBytes(1000), OWNER, nowhere);
});

test('a layer is lacking until it is kept, where there is room for it', async () => {
  const content = randomBytes(100);
  const blob = blobOf(content);
  assert.equal(await shelf.lacks(OWNER, blob), true);
  assert.equal(await shelfCreate({ maxBytes: 99 }).lacks(OWNER, blob), false);
  assert.equal(await shelfCreate({ storageReserveBytes: 2 ** 60 }).lacks(OWNER, blob), false);
  await keep(content);
  assert.equal(await shelf.lacks(OWNER, blob), false);
  assert.equal(await shelf.lacks({ ...OWNER, tenantId: 2 }, blob), true);
});

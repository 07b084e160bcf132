import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { debianRoot } from '@dollarbox/host/apt';
import { PullError } from '../../registry/pull-error.ts';
import { layerCheck } from './layer-check.ts';

/** The programs that the machine is expected to have, wherever they are unpacked. */
before(async () => {
  const root = await debianRoot(['bzip2', 'xz-utils']);
  const folders = ['bin', 'usr/bin'].map((folder) => join(root, folder));
  process.env['PATH'] = [process.env['PATH'], ...folders].join(':');
});

const CONTENT = Buffer.concat([randomBytes(300_000), Buffer.alloc(2_000_000, 'dollarbox')]);

function digestOf(content: Buffer, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

async function* chunksOf(content: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += bytes) {
    yield content.subarray(start, start + bytes);
  }
}

async function passed(content: Buffer, diffId: string, chunkBytes = 10_000) {
  const chunks: Buffer[] = [];
  let error: unknown = null;
  try {
    for await (const chunk of layerCheck(chunksOf(content, chunkBytes), diffId)) chunks.push(chunk);
  } catch (caught) {
    error = caught;
  }
  return { content: Buffer.concat(chunks), error };
}

const program = (name: string) => (content: Buffer) =>
  execFileSync(name, ['-c'], { input: content, maxBuffer: 2 ** 26 });

const FORMATS: [name: string, compress: (content: Buffer) => Buffer][] = [
  ['no compression', (content) => content],
  ['gzip', gzipSync],
  [
    'several gzip members',
    (content) => Buffer.concat([gzipSync(content.subarray(0, 99)), gzipSync(content.subarray(99))]),
  ],
  ['zstd', zstdCompressSync],
  ['bzip2', program('bzip2')],
  ['xz', program('xz')],
];

for (const [name, compress] of FORMATS) {
  test(`a layer with ${name} passes unchanged if its content is right`, async () => {
    const layer = compress(CONTENT);
    for (const chunkBytes of [10_000, layer.length]) {
      const { content, error } = await passed(layer, digestOf(CONTENT), chunkBytes);
      assert.equal(error, null);
      assert.ok(content.equals(layer));
    }
    const { error } = await passed(layer, digestOf(CONTENT, 'sha512'));
    assert.equal(error, null);
  });

  test(`a layer with ${name} is never complete if its content is wrong`, async () => {
    const layer = compress(CONTENT);
    const { content, error } = await passed(layer, digestOf(Buffer.from('other')));
    assert.ok(error instanceof PullError && error.reason === 'image_rejected');
    assert.ok(content.length < layer.length);
  });
}

test('a layer of a few bytes is checked, in whatever pieces it arrives', async () => {
  const tiny = Buffer.from('abc');
  for (const chunkBytes of [1, 2, 3]) {
    assert.deepEqual(await passed(tiny, digestOf(tiny), chunkBytes), {
      content: tiny,
      error: null,
    });
    assert.notEqual((await passed(tiny, digestOf(CONTENT), chunkBytes)).error, null);
  }
  const layer = gzipSync('abc');
  assert.equal((await passed(layer, digestOf(tiny), 1)).error, null);
});

test('a layer that is cut off, or no archive at all, is rejected', async () => {
  for (const [, compress] of FORMATS.slice(1)) {
    const layer = compress(CONTENT);
    const { error } = await passed(layer.subarray(0, layer.length / 2), digestOf(CONTENT));
    assert.ok(error instanceof PullError && error.reason === 'image_rejected');
    const damaged = Buffer.concat([layer.subarray(0, 20), Buffer.alloc(50_000, 1)]);
    assert.ok((await passed(damaged, digestOf(CONTENT))).error instanceof PullError);
  }
});

test('a failure of the source passes through', async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(100);
    throw new Error('the source broke off');
  }
  await assert.rejects(async () => {
    for await (const _ of layerCheck(broken(), digestOf(CONTENT)));
  }, /the source broke off/);
});

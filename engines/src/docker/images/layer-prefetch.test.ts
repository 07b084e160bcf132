import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Blob } from '../../registry/manifest.ts';
import { layerPrefetchCreate } from './layer-prefetch.ts';

const LAYERS = ['a', 'b', 'c', 'd', 'a'].map((digest): Blob => ({ digest, size: 1 }));
const [A, B, C] = LAYERS as [Blob, Blob, Blob];

/** A file with the content of a verified layer. */
function fileOf(digest: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'dollarbox-prefetch-')), digest);
  writeFileSync(path, `verified ${digest}`);
  return path;
}

/** A registry and a shelf: layers are received as far as the test sends them, and kept once they were read whole. */
function play({ roomFor = 'abcd', verifies = '' } = {}) {
  const opened: string[] = [];
  const kept = new Set<string>();
  const streams = new Map<string, PassThrough>();
  const prefetch = layerPrefetchCreate({
    layers: LAYERS,
    verify: async ({ digest }) =>
      verifies.includes(digest) && kept.has(digest) ? fileOf(digest) : null,
    isWanted: async ({ digest }) => roomFor.includes(digest) && !kept.has(digest),
    async openBlob({ digest }) {
      const stream = new PassThrough();
      if (kept.has(digest)) return stream.end(`kept ${digest}`);
      opened.push(digest);
      streams.set(digest, stream);
      stream.once('end', () => kept.add(digest));
      return stream;
    },
  });
  const streamOf = (digest: string) => streams.get(digest) ?? assert.fail(`${digest} is not open`);
  return { ...prefetch, opened, streamOf };
}

/** Lets everything happen that waits for nothing else. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((done) => setImmediate(done));
}

test('two layers are received besides the one that is read, and then read from where they were kept', async () => {
  const { openBlob, close, opened, streamOf } = play();
  const first = await openBlob(A);
  await settled();
  assert.deepEqual(opened.toSorted(), ['a', 'b', 'c']);
  streamOf('a').end('layer a');
  assert.equal(String(await buffer(first)), 'layer a');
  // The second is waited for.
  const second = openBlob(B);
  await settled();
  assert.deepEqual(opened.toSorted(), ['a', 'b', 'c', 'd']);
  streamOf('b').end('layer b');
  assert.equal(String(await buffer(await second)), 'kept b');
  // A layer that occurs again is not received again.
  assert.equal(String(await buffer(await openBlob(A))), 'kept a');
  await close();
  assert.equal(opened.length, 4);
});

test('a layer that was verified is read from its file, others as they come', async () => {
  const { openVerified, close, opened, streamOf } = play({ verifies: 'ac' });
  const first = openVerified(A);
  await settled();
  assert.deepEqual(opened.toSorted(), ['a', 'b', 'c']);
  for (const digest of ['c', 'b', 'a']) streamOf(digest).end(`layer ${digest}`);
  assert.equal(String(await buffer((await first) ?? assert.fail())), 'verified a');
  assert.equal(await openVerified(B), null);
  assert.equal(String(await buffer((await openVerified(C)) ?? assert.fail())), 'verified c');
  // A layer that was decompressed meanwhile is not one of the image's.
  assert.equal(await openVerified({ digest: 'plain', size: 1 }), null);
  await close();
});

test('layers are verified one at a time', async () => {
  let [running, most] = [0, 0];
  const { openVerified, close } = layerPrefetchCreate({
    layers: LAYERS,
    isWanted: async () => false,
    openBlob: () => assert.fail(),
    async verify() {
      most = Math.max(most, (running += 1));
      await settled();
      running -= 1;
      return null;
    },
  });
  await openVerified(A);
  await openVerified(B);
  await openVerified(C);
  await close();
  assert.equal(most, 1);
});

test('layers for which there is no room are received when they are read', async () => {
  const { openBlob, close, opened, streamOf } = play({ roomFor: 'c' });
  await openBlob(A);
  await settled();
  assert.deepEqual(opened.toSorted(), ['a', 'c']);
  const second = await openBlob(B);
  streamOf('b').end('layer b');
  assert.equal(String(await buffer(second)), 'layer b');
  await close();
});

test('a failure is reported to whoever reads that layer', async () => {
  const { openBlob, close, streamOf } = play();
  await openBlob(A);
  await settled();
  streamOf('c').destroy(new Error('the registry broke off'));
  const second = openBlob(B);
  streamOf('b').end('layer b');
  await second;
  await assert.rejects(openBlob(C), /broke off/);
  await close();
});

test('closing ends what is being received', async () => {
  const { openBlob, close, streamOf } = play();
  await openBlob(A);
  await settled();
  const [b, c] = [streamOf('b'), streamOf('c')];
  const ended = Promise.all([once(b, 'close'), once(c, 'close')]);
  await close();
  await ended;
});

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type RootfsEntry, rootfsTar } from '@dollarbox/testbed/rootfs';
import { PullError } from '../../registry/pull-error.ts';
import { layerCheck } from './layer-check.ts';

const BIG: RootfsEntry = { kind: 'file', path: 'app/big', content: randomBytes(3_000_000) };
const LONG = `${'deep/'.repeat(60)}zero`;

async function* chunksOf(content: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

/** Reads a layer as a pull does. @returns the message with which it is refused; null: it is accepted. */
async function refusalOf(layer: Buffer, content = layer, chunkBytes = 10_000) {
  const diffId = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  const passed: Buffer[] = [];
  try {
    for await (const chunk of layerCheck(chunksOf(layer, chunkBytes), diffId)) passed.push(chunk);
  } catch (error) {
    assert.ok(error instanceof PullError && error.reason === 'image_rejected', String(error));
    assert.ok(Buffer.concat(passed).length < layer.length);
    return error.message;
  }
  assert.ok(Buffer.concat(passed).equals(layer));
  return null;
}

const device = (path: string): RootfsEntry => ({ kind: 'device', path, major: 1, minor: 5 });

for (const path of ['etc/group', 'zero', './etc/passwd', 'dev/../etc/group', 'device', LONG]) {
  test(`a layer with a device at ${path.slice(0, 40)} is refused`, async () => {
    const layer = await rootfsTar([BIG, device(path)]);
    for (const chunkBytes of [511, 10_000, layer.length]) {
      assert.match((await refusalOf(layer, layer, chunkBytes)) ?? '', /device file at "\//);
    }
    assert.match((await refusalOf(gzipSync(layer), layer)) ?? '', /device file at "\//);
  });
}

test('devices in /dev, FIFOs and links are accepted, as Docker accepts them', async () => {
  const layer = await rootfsTar([
    BIG,
    device('dev/null'),
    device('./dev/console'),
    { kind: 'fifo', path: 'run/initctl' },
    { kind: 'link', path: 'etc/group', target: '/dev/null' },
  ]);
  assert.equal(await refusalOf(layer), null);
  assert.equal(await refusalOf(gzipSync(layer), layer), null);
});

test('what is no archive, or ends in the middle of one, is left to Docker', async () => {
  const layer = await rootfsTar([BIG]);
  for (const content of [randomBytes(1_000_000), layer.subarray(0, 700), Buffer.alloc(5000, 1)]) {
    assert.equal(await refusalOf(content), null);
  }
});

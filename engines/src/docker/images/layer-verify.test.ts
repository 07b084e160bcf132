import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PullError } from '../../registry/pull-error.ts';
import { type LayerToVerify, layerVerifierCreate } from './layer-verify.ts';

const CONTENT = randomBytes(2_000_000);
const LAYER = gzipSync(CONTENT);
const never = new AbortController().signal;
const verifier = layerVerifierCreate();
after(() => verifier.close());

const digestOf = (content: Buffer) =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;

function layerOf(file: Buffer, changes: Partial<LayerToVerify> = {}): LayerToVerify {
  const path = join(mkdtempSync(join(tmpdir(), 'dollarbox-verify-')), 'layer');
  writeFileSync(path, file);
  const blob = { digest: digestOf(LAYER), size: LAYER.length };
  return { path, blob, diffId: digestOf(CONTENT), ...changes };
}

const refused = (reason: string) => (error: unknown) =>
  error instanceof PullError && error.reason === reason;

test('a layer that is as its manifest and configuration say is verified', async () => {
  await verifier.verify(layerOf(LAYER), never);
  await verifier.verify(layerOf(LAYER), never);
});

test('a layer with other content than the configuration says is refused', async () => {
  const other = { diffId: digestOf(Buffer.from('other')) };
  await assert.rejects(verifier.verify(layerOf(LAYER, other), never), refused('image_rejected'));
});

test('a file that is cut off or damaged is no valid layer', async () => {
  const damaged = Buffer.from(LAYER);
  damaged.fill(0, 1000, 1100);
  for (const file of [LAYER.subarray(0, -1), damaged]) {
    await assert.rejects(verifier.verify(layerOf(file), never), PullError);
  }
});

test('a file that is gone is an error, and an abort ends the thread', async () => {
  await assert.rejects(verifier.verify(layerOf(LAYER, { path: '/nonexistent' }), never), /ENOENT/);
  const abort = new AbortController();
  const running = verifier.verify(layerOf(LAYER), abort.signal);
  abort.abort(new Error('the pull ended'));
  await assert.rejects(running, /the pull ended/);
  await assert.rejects(verifier.verify(layerOf(LAYER), abort.signal), /the pull ended/);
});

test('what has been wrong with a layer is of no consequence for the next', async () => {
  await assert.rejects(verifier.verify(layerOf(Buffer.from('no')), never), PullError);
  await verifier.verify(layerOf(LAYER), never);
  await assert.rejects(verifier.verify(layerOf(LAYER, { path: '/nonexistent' }), never), /ENOENT/);
  await verifier.verify(layerOf(LAYER), never);
});

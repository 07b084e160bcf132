/** The thread of `layer-verify.ts`: verifies each layer that it is sent, and sends the verdict. */
import { createReadStream } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { PullError } from '../../registry/pull-error.ts';
import { checkedBlob } from './checked-blob.ts';
import { layerCheck } from './layer-check.ts';
import type { LayerToVerify, LayerVerdict } from './layer-verify.ts';

const READ_BYTES = 1024 * 1024;

async function verify({ path, blob, diffId }: LayerToVerify): Promise<LayerVerdict> {
  const content = createReadStream(path, { highWaterMark: READ_BYTES });
  try {
    for await (const _ of layerCheck(checkedBlob(blob, content), diffId));
    return null;
  } catch (error) {
    if (!(error instanceof PullError)) throw error;
    return { reason: error.reason, message: error.message };
  }
}

parentPort?.on('message', async (layer: LayerToVerify) => {
  const verdict = await verify(layer);
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
  parentPort?.postMessage(verdict);
});

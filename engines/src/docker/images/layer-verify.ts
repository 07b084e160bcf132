/**
 * Verifies layers in threads of their own. Decompressing a large layer and computing its digests takes seconds, in which
 * requests of the API would wait.
 */
import { Worker } from 'node:worker_threads';
import type { ImageFailure } from '../../contract.ts';
import type { Blob } from '../../registry/manifest.ts';
import { PullError } from '../../registry/pull-error.ts';

export interface LayerToVerify {
  /** Where its content is. */
  path: string;
  blob: Blob;
  /** The digest of the uncompressed content, as the image's configuration states it. */
  diffId: string;
}

/** null: the layer is as its manifest and its image's configuration say. */
export type LayerVerdict = { reason: ImageFailure; message: string } | null;

/**
 * @param signal ends the thread.
 * @throws PullError as `checkedBlob` and `layerCheck` do; Error if the file can't be read, or on abort.
 */
export async function layerVerify(layer: LayerToVerify, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('layer-verify-thread.ts', import.meta.url), {
    workerData: layer,
  });
  const { promise, resolve, reject } = Promise.withResolvers<LayerVerdict>();
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => reject(new Error('the thread that verifies a layer ended')));
  const stop = () => {
    reject(signal.reason as Error);
    void worker.terminate();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const verdict = await promise;
    if (verdict !== null) throw new PullError(verdict.reason, verdict.message);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

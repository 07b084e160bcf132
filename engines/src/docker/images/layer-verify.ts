/**
 * Verifies layers in a thread of its own. Decompressing a large layer and computing its digests takes seconds, in which
 * requests of the API would wait.
 */
import { once } from 'node:events';
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

/** Verifies the layers of one image, one after the other. */
export interface LayerVerifier {
  /**
   * @param signal ends the thread.
   * @throws PullError as `checkedBlob` and `layerCheck` do; Error if the file can't be read, or on abort.
   */
  verify(layer: LayerToVerify, signal: AbortSignal): Promise<void>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/** The thread is started for the first layer, and kept for the others: a start costs as much as a layer of some MB. */
export function layerVerifierCreate(): LayerVerifier {
  let thread: Worker | null = null;

  async function close(): Promise<void> {
    const ending = thread;
    thread = null;
    await ending?.terminate();
  }

  return {
    async verify(layer, signal) {
      signal.throwIfAborted();
      thread ??= new Worker(new URL('layer-verify-thread.ts', import.meta.url));
      const answered = new AbortController();
      const until = { signal: AbortSignal.any([signal, answered.signal]) };
      try {
        const ended = once(thread, 'exit', until).then(() => {
          throw new Error('the thread that verifies layers ended');
        });
        const answer = once(thread, 'message', until) as Promise<[LayerVerdict]>;
        // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
        thread.postMessage(layer);
        const [verdict] = await Promise.race([answer, ended]);
        if (verdict !== null) throw new PullError(verdict.reason, verdict.message);
      } catch (error) {
        if (!(error instanceof PullError)) await close();
        signal.throwIfAborted();
        throw error;
      } finally {
        answered.abort();
      }
    },
    close,
  };
}

/** Verifies a blob against its manifest while it is read. */
import { createHash } from 'node:crypto';
import type { Blob } from '../../registry/manifest.ts';
import { PullError } from '../../registry/pull-error.ts';

/** What arrived differs from what the manifest states. */
export function corrupt(): PullError {
  return new PullError(
    'image_pull_error',
    "The registry sent something else than the image's manifest says.",
  );
}

/** Passes content through. @throws PullError if it does not have the length or the digest of the blob. */
export async function* checkedBlob(
  blob: Blob,
  content: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const [algorithm = '', expected] = blob.digest.split(':');
  const hash = createHash(algorithm);
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > blob.size) throw corrupt();
    hash.update(chunk);
    yield chunk;
  }
  if (bytes !== blob.size || hash.digest('hex') !== expected) throw corrupt();
}

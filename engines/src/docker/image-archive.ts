/** An archive as `docker load` takes it, made while the image's parts come in. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Blob } from './manifest.ts';
import { PullError } from './pull-error.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

export interface ArchiveParts {
  configContent: Buffer;
  config: Pick<Blob, 'digest'>;
  layers: readonly Blob[];
  /** `name:tag` that the image is to have. */
  tag: string;
  openBlob(blob: Blob): Promise<Readable>;
}

function fileName(digest: string): string {
  return digest.split(':')[1]?.slice(0, 64) ?? digest;
}

function corrupt(): PullError {
  return new PullError(
    'image_pull_error',
    "The registry sent something else than the image's manifest says.",
  );
}

/** @throws PullError when the content isn't as long as, or other than, what the digest names. */
async function* checkedBlob(blob: Blob, content: Readable): AsyncGenerator<Buffer> {
  const [algorithm = '', expected] = blob.digest.split(':');
  const hash = createHash(algorithm);
  let bytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > blob.size) throw corrupt();
    hash.update(chunk);
    yield chunk;
  }
  if (bytes !== blob.size || hash.digest('hex') !== expected) throw corrupt();
}

/**
 * Never more than a chunk in memory; one layer at a time.
 * @throws PullError while being read, when a part can't be had or is not what its digest says.
 */
export async function* writeImageArchive(parts: ArchiveParts): AsyncGenerator<Buffer> {
  const configName = `${fileName(parts.config.digest)}.json`;
  const layerName = (layer: Blob) => `${fileName(layer.digest)}.tar`;
  const manifest = Buffer.from(
    JSON.stringify([
      { Config: configName, RepoTags: [parts.tag], Layers: parts.layers.map(layerName) },
    ]),
  );
  for (const [name, content] of [
    ['manifest.json', manifest],
    [configName, parts.configContent],
  ] as const) {
    yield tarHeader(name, content.length);
    yield content;
    yield tarPadding(content.length);
  }
  const written = new Set<string>();
  for (const layer of parts.layers) {
    // The same layer may be there several times: an empty one, mostly.
    if (written.has(layer.digest)) continue;
    written.add(layer.digest);
    yield tarHeader(layerName(layer), layer.size);
    yield* checkedBlob(layer, await parts.openBlob(layer));
    yield tarPadding(layer.size);
  }
  yield TAR_END;
}

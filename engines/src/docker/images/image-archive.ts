/** An archive in the format of `docker load`, written while the image's parts are being received. */
import type { Readable } from 'node:stream';
import type { Blob } from '../../registry/manifest.ts';
import { corrupt } from './checked-blob.ts';
import { layerCheck } from './layer-check.ts';
import { type TarFile, tarFileOf, tarWrite } from './tar.ts';

export interface ArchiveParts {
  configContent: Buffer;
  config: Pick<Blob, 'digest'>;
  layers: readonly Blob[];
  /** Of each layer, uncompressed. */
  diffIds: readonly string[];
  /** How many layers, from the first on, the engine has: their content is left out. */
  heldCount: number;
  /** The `name:tag` that the image will have. */
  tag: string;
  /** Content whose length and digest have been checked by the time it ends. */
  openBlob(blob: Blob): Promise<Readable>;
  /** A layer whose content has been verified in every way; null: it has not. If absent, none has. */
  openVerified?(blob: Blob): Promise<Readable | null>;
}

function fileName(digest: string): string {
  return digest.split(':')[1]?.slice(0, 64) ?? digest;
}

/** Opened only when it is read. */
async function* layerRead(
  blob: Blob,
  diffId: string,
  { openBlob, openVerified }: ArchiveParts,
): AsyncGenerator<Buffer> {
  const verified = (await openVerified?.(blob)) ?? null;
  if (verified !== null) return yield* verified as AsyncIterable<Buffer>;
  yield* layerCheck((await openBlob(blob)) as AsyncIterable<Buffer>, diffId);
}

function archiveFiles(parts: ArchiveParts): TarFile[] {
  const configName = `${fileName(parts.config.digest)}.json`;
  const layerName = (layer: Blob) => `${fileName(layer.digest)}.tar`;
  const manifest = [
    { Config: configName, RepoTags: [parts.tag], Layers: parts.layers.map(layerName) },
  ];
  // An image may contain the same layer several times, most often an empty one. The configuration states the digest of
  // its content each time.
  const sent = new Map<string, { layer: Blob; diffId: string }>();
  for (const [index, layer] of parts.layers.entries()) {
    const diffId = parts.diffIds[index] ?? '';
    const same = sent.get(layer.digest);
    if (same !== undefined && same.diffId !== diffId) throw corrupt();
    if (index >= parts.heldCount) sent.set(layer.digest, { layer, diffId });
  }
  return [
    tarFileOf('manifest.json', Buffer.from(JSON.stringify(manifest))),
    tarFileOf(configName, parts.configContent),
    ...[...sent.values()].map(({ layer, diffId }) => ({
      name: layerName(layer),
      sizeBytes: layer.size,
      content: layerRead(layer, diffId, parts),
    })),
  ];
}

/**
 * Writes one layer at a time, with one chunk of it in memory.
 * @throws PullError while being read, if a part can't be read or does not match its digest.
 */
export function imageArchiveWrite(parts: ArchiveParts): AsyncGenerator<Buffer> {
  return tarWrite(archiveFiles(parts));
}

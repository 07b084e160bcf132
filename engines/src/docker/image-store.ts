/** What images the engine holds, and putting more there. */
import { createHash } from 'node:crypto';

import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { canonicalReference } from '../image-reference.ts';
import type { ImageReference } from '../image-reference.ts';
import type { DockerApi } from './api.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import { readLines } from './lines.ts';
import { PullError } from './pull-error.ts';

export type DockerImage = Docker.ImageInspectInfo;

export interface ImageStore {
  /** @param ref a tag's reference or an image id. */
  inspect(ref: string, signal: AbortSignal): Promise<DockerImage | undefined>;
  /** By digest, an image that was pulled here or by others; by tag, whoever put it there. */
  find(reference: ImageReference, signal: AbortSignal): Promise<DockerImage | undefined>;
  /** @throws PullError when the engine can't take the archive; what reading the archive throws. */
  load(archive: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void>;
  tag(imageId: string, tag: string, signal: AbortSignal): Promise<void>;
  /** @returns `repository:tag` of all tags of one of Docker Hub's or nobody's repositories. */
  listTags(repository: string, signal: AbortSignal): Promise<string[]>;
  /** Removes a tag, and the image with its last one. @returns false when something still uses it. */
  remove(ref: string, signal: AbortSignal): Promise<boolean>;
}

/** Whether Docker can't tag by it: images can't be loaded under a digest, nor, by older Dockers, from IPv6. */
function needsOwnTag(reference: ImageReference): boolean {
  return reference.digest !== null || reference.registry.startsWith('[');
}

/** The tag that an image is kept under: its own where that is possible, else one of ours. */
export function imageTag(installationId: string, reference: ImageReference): string {
  const canonical = canonicalReference(reference);
  if (!needsOwnTag(reference)) return canonical;
  const hash = createHash('sha256').update(canonical).digest('hex');
  return `dollarbox-${installationId}:${hash}`;
}

/** @returns what Docker reports to have failed, or null. */
async function readLoadFault(reply: Readable): Promise<string | null> {
  let fault: string | null = null;
  for await (const line of readLines(reply)) {
    if (line.trim() === '') continue;
    const { error } = JSON.parse(line) as { error?: string };
    if (error !== undefined) fault = error;
  }
  return fault;
}

function loadError(fault: string): PullError {
  const cause = new Error(fault);
  return /no space left|disk quota/i.test(fault)
    ? new PullError('image_pull_error', 'There is no room for the image now.', { cause })
    : new PullError('image_rejected', "The image can't be used: its content is broken.", { cause });
}

export function createImageStore(installationId: string, api: DockerApi): ImageStore {
  const inspect = (ref: string, signal: AbortSignal) =>
    unlessMissing(api.call<DockerImage>({ method: 'GET', path: `/images/${ref}/json`, signal }));

  return {
    inspect,

    async find(reference, signal) {
      const tagged = await inspect(imageTag(installationId, reference), signal);
      // By its digest it may be there without us.
      if (tagged !== undefined || reference.digest === null) return tagged;
      if (reference.registry.startsWith('[')) return undefined;
      return inspect(canonicalReference(reference), signal);
    },

    async load(archive, signal) {
      let readError: unknown;
      async function* watched() {
        try {
          yield* archive;
        } catch (error) {
          readError = error;
          throw error;
        }
      }
      try {
        const upload = Readable.from(watched(), { objectMode: false, highWaterMark: 1024 * 1024 });
        const query = { quiet: '1' };
        const reply = await api.stream({
          method: 'POST',
          path: '/images/load',
          query,
          upload,
          signal,
        });
        const fault = await readLoadFault(reply);
        if (fault !== null) throw loadError(fault);
      } catch (error) {
        // A part that could not be had also breaks the upload: that is not Docker's fault.
        if (readError !== undefined) throw readError;
        if (isDockerStatus(error, 500) || isDockerStatus(error, 400)) {
          throw loadError(error instanceof Error ? error.message : '');
        }
        throw error;
      }
    },

    async tag(imageId, tag, signal) {
      const colon = tag.lastIndexOf(':');
      const query = { repo: tag.slice(0, colon), tag: tag.slice(colon + 1) };
      await api.call({ method: 'POST', path: `/images/${imageId}/tag`, query, signal });
    },

    async listTags(repository, signal) {
      const query = { filters: JSON.stringify({ reference: [repository] }) };
      const path = '/images/json';
      const found = await api.call<Docker.ImageInfo[]>({ method: 'GET', path, query, signal });
      const tags = found.flatMap((image) => image.RepoTags ?? []);
      return tags.filter((tag) => tag.startsWith(`${repository}:`));
    },

    async remove(ref, signal) {
      try {
        await unlessMissing(api.call({ method: 'DELETE', path: `/images/${ref}`, signal }));
        return true;
      } catch (error) {
        if (isDockerStatus(error, 409)) return false;
        throw error;
      }
    },
  };
}

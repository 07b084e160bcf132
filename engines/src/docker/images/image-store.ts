/** Finds images on the engine, and loads new ones. */
import { createHash } from 'node:crypto';

import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { canonicalReference } from '../../registry/image-reference.ts';
import type { ImageReference } from '../../registry/image-reference.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus, unlessMissing } from '../daemon/errors.ts';
import { linesRead } from '../../lines.ts';
import { PullError } from '../../registry/pull-error.ts';

export type DockerImage = Docker.ImageInspectInfo;

export interface ImageStore {
  /** @param ref a tag's reference or an image id. */
  inspect(ref: string, signal: AbortSignal): Promise<DockerImage | undefined>;
  /** By digest: an image that was pulled, by us or by others. By tag: an image from any source. */
  find(reference: ImageReference, signal: AbortSignal): Promise<DockerImage | undefined>;
  /** The ids of all images. */
  listIds(signal: AbortSignal): Promise<Set<string>>;
  /** @throws PullError if the engine can't load the archive; any error from reading the archive. */
  load(archive: AsyncIterable<Buffer>, signal: AbortSignal): Promise<void>;
  tag(imageId: string, tag: string, signal: AbortSignal): Promise<void>;
  /** @returns `repository:tag` for all tags of a repository that is Docker Hub's or has no registry. */
  listTags(repository: string, signal: AbortSignal): Promise<string[]>;
  /** Removes a tag, and with the last tag the image. @returns false if it is still in use. */
  remove(ref: string, signal: AbortSignal): Promise<boolean>;
}

/**
 * Whether Docker can't tag by this reference: images can't be loaded under a digest, nor, in older versions of
 * Docker, under a registry's IPv6 address.
 */
function needsOwnTag(reference: ImageReference): boolean {
  return reference.digest !== null || reference.registry.startsWith('[');
}

/** The tag that an image is stored under: its own if possible, otherwise one of ours. */
export function imageTag(installationId: string, reference: ImageReference): string {
  const canonical = canonicalReference(reference);
  if (!needsOwnTag(reference)) return canonical;
  const hash = createHash('sha256').update(canonical).digest('hex');
  return `dollarbox-${installationId}:${hash}`;
}

/** @returns the failure that Docker reports, or null. */
async function readLoadFault(reply: Readable): Promise<string | null> {
  let fault: string | null = null;
  for await (const line of linesRead(reply)) {
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

export function imageStoreCreate(installationId: string, api: DockerApi): ImageStore {
  const inspect = (ref: string, signal: AbortSignal) =>
    unlessMissing(api.call<DockerImage>({ method: 'GET', path: `/images/${ref}/json`, signal }));

  return {
    inspect,

    async find(reference, signal) {
      const tagged = await inspect(imageTag(installationId, reference), signal);
      // By its digest it may exist without our tag.
      if (tagged !== undefined || reference.digest === null) return tagged;
      if (reference.registry.startsWith('[')) return undefined;
      return inspect(canonicalReference(reference), signal);
    },

    async listIds(signal) {
      const path = '/images/json';
      const query = { all: '1' };
      const found = await api.call<Docker.ImageInfo[]>({ method: 'GET', path, query, signal });
      return new Set(found.map(({ Id }) => Id));
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
        // A part that could not be read also breaks the upload. That is not Docker's fault.
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

/** Brings one image from its registry into the engine. */
import { registryRefusal, resolvedRegistryRefusal } from '../registry-guard.ts';
import type { ImageReference } from '../image-reference.ts';
import { canonicalReference } from '../image-reference.ts';
import { writeImageArchive } from './image-archive.ts';
import type { ImageStore } from './image-store.ts';
import { imageTag } from './image-store.ts';
import type { DockerEngineOptions, PulledImageStore } from './options.ts';
import { PullError } from './pull-error.ts';
import { measureLayers, readWhileRoom, requireRoom } from './pull-room.ts';
import type { Room } from './pull-room.ts';
import { openRemoteImage } from './registry-client.ts';
import type { RegistryClientOptions } from './registry-client.ts';

export interface PullDependencies extends Room {
  installationId: string;
  allowedRegistries: readonly string[];
  store: ImageStore;
  pulledImages: PulledImageStore;
  /** What the daemon is, and how it is set up for registries. */
  registries(signal: AbortSignal): Promise<RegistryClientOptions>;
  imageMaxBytes: number;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

/** Remembers an image that was not there before, and the one that its tag was taken from. */
async function recordPulled(
  { pulledImages }: PullDependencies,
  tag: string,
  imageId: string,
  before: string | null,
): Promise<void> {
  const recorded = await pulledImages.list();
  const previous = recorded.find((entry) => entry.ref === tag)?.imageId;
  if (previous !== undefined && previous !== imageId && previous === before) {
    await pulledImages.add(previous, previous);
  }
  await pulledImages.add(tag, imageId);
}

/**
 * Docker's own pull is not used: all its pulls share three places for layers, so one tenant's slow
 * registry would hold up everybody; it also follows a registry's redirects to wherever they lead.
 * @returns the image's id.
 * @throws PullError
 */
export async function pullImage(
  reference: ImageReference,
  dependencies: PullDependencies,
  signal: AbortSignal,
): Promise<string> {
  const { installationId, allowedRegistries, store } = dependencies;
  const canonical = canonicalReference(reference);
  const refusal =
    registryRefusal(canonical, allowedRegistries) ??
    (await resolvedRegistryRefusal(canonical, allowedRegistries));
  if (refusal !== null) throw new PullError('image_rejected', refusal);

  await requireRoom(dependencies, 0, signal);
  const tag = imageTag(installationId, reference);
  const remote = await openRemoteImage(reference, await dependencies.registries(signal), signal);
  const before = (await store.inspect(tag, signal))?.Id ?? null;
  const same = await store.inspect(remote.config.digest, signal);
  if (same !== undefined) {
    // Of someone else's image only a tag that we gave it is ours; without other tags it would go with ours.
    if (same.Id !== before) {
      await store.tag(same.Id, tag, signal);
      if (same.RepoTags.length > 0) await recordPulled(dependencies, tag, same.Id, before);
    }
    return same.Id;
  }
  const layersBytes = measureLayers(remote.layers, dependencies.imageMaxBytes);
  await requireRoom(dependencies, layersBytes, signal);
  // Before it is there: an image that no record names would never be removed.
  await recordPulled(dependencies, tag, remote.config.digest, before);
  const archive = writeImageArchive({ ...remote, tag });
  await store.load(readWhileRoom(archive, dependencies, signal), signal);
  await dependencies.onStep('image-loaded');
  const loaded = await store.inspect(tag, signal);
  if (loaded === undefined) {
    throw new PullError('image_pull_error', 'The image was removed as soon as it was there.');
  }
  await recordPulled(dependencies, tag, loaded.Id, before);
  return loaded.Id;
}

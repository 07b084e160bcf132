/** Pulls one image from its registry into the engine. */
import { Readable } from 'node:stream';
import { registryRefusal } from '../../registry/registry-guard.ts';
import type { ImageReference } from '../../registry/image-reference.ts';
import type { Blob } from '../../registry/manifest.ts';
import { canonicalReference } from '../../registry/image-reference.ts';
import { checkedBlob } from './checked-blob.ts';
import { imageArchiveWrite } from './image-archive.ts';
import type { ImageStore } from './image-store.ts';
import { imageTag } from './image-store.ts';
import type {
  DockerEngineOptions,
  ImageRightStore,
  PulledImageStore,
  TenantCredential,
} from '../base/options.ts';
import type { LayerReuse } from './layer-reuse.ts';
import { layerPrefetchCreate } from './layer-prefetch.ts';
import { layerVerifierCreate } from './layer-verify.ts';
import type { LayerVerifier } from './layer-verify.ts';
import type { LayerOwner, LayerShelf } from './layer-shelf.ts';
import { PullError } from '../../registry/pull-error.ts';
import { layersMeasure, readWhileRoom, requireRoom } from './pull-room.ts';
import type { Room } from './pull-room.ts';
import { type PlainLayers, isZstd, zstdLayersExpand } from './zstd-layers.ts';
import { remoteImageOpen } from '../../registry/registry-client.ts';
import type { RegistryClientOptions, RemoteImage } from '../../registry/registry-client.ts';

/** A smaller layer takes less time than starting a thread. */
const THREAD_MIN_BYTES = 4 * 1024 ** 2;

export interface PullDependencies extends Room {
  installationId: string;
  allowedRegistries: readonly string[];
  store: ImageStore;
  pulledImages: PulledImageStore;
  imageRights: ImageRightStore;
  reuse: LayerReuse;
  shelf: LayerShelf;
  credentialOf: NonNullable<DockerEngineOptions['registryCredential']>;
  /** The daemon's platform, and its configuration for registries. */
  registries(signal: AbortSignal): Promise<RegistryClientOptions>;
  imageMaxBytes: number;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

/** What is pulled, for whom, and with which credential. */
export interface PullOrder {
  reference: ImageReference;
  tenantId: number;
  credential: TenantCredential | null;
}

/** Records an image that was not present before, and the image that its tag was taken from. */
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
 * Records an image that is pulled again once more, so that a collection that has begun leaves it.
 * @returns whether it was recorded.
 */
async function recordRefresh(
  { pulledImages }: PullDependencies,
  tag: string,
  imageId: string,
): Promise<boolean> {
  const recorded = await pulledImages.list();
  const refs = [tag, imageId].filter((each) =>
    recorded.some((entry) => entry.ref === each && entry.imageId === imageId),
  );
  for (const ref of refs) await pulledImages.add(ref, imageId);
  return refs.length > 0;
}

/** The same image, with each received part counted. */
function counted(remote: RemoteImage, received: (bytes: number) => void): RemoteImage {
  async function* count(content: Readable): AsyncGenerator<Buffer> {
    for await (const chunk of content as AsyncIterable<Buffer>) {
      received(chunk.length);
      yield chunk;
    }
  }
  return {
    ...remote,
    openBlob: async (blob, signal) =>
      Readable.from(count(await remote.openBlob(blob, signal)), { objectMode: false }),
  };
}

/** What one pull works with: who pulls what, and with which credential. */
interface PullContext {
  reference: ImageReference;
  tag: string;
  /** The image that the tag had before. */
  before: string | null;
  remote: RemoteImage;
  owner: LayerOwner;
}

/** The same image. Layers that an earlier attempt received whole are read from the shelf, others are put there. */
function shelved(remote: RemoteImage, owner: LayerOwner, shelf: LayerShelf): RemoteImage {
  return {
    ...remote,
    async openBlob(blob, signal) {
      const kept = await shelf.open(owner, blob);
      if (kept !== null) return kept;
      const received: AsyncIterable<Buffer> = await remote.openBlob(blob, signal);
      const content = checkedBlob(blob, received);
      return Readable.from(shelf.keep(owner, blob, content), { objectMode: false });
    },
  };
}

/** Verifies large layers where they are kept. The others are verified while they are sent to the engine. */
function keptVerifier(
  { remote, owner }: Pick<PullContext, 'remote' | 'owner'>,
  shelf: LayerShelf,
  verifier: LayerVerifier,
) {
  const diffIds = new Map(
    remote.layers.map(({ digest }, index) => [digest, remote.diffIds[index] ?? '']),
  );
  return async (blob: Blob, signal: AbortSignal): Promise<string | null> => {
    if (blob.size < THREAD_MIN_BYTES || isZstd(blob)) return null;
    const path = await shelf.find(owner, blob);
    const diffId = diffIds.get(blob.digest) ?? '';
    if (path === null) return null;
    try {
      await verifier.verify({ path, blob, diffId }, signal);
    } catch (error) {
      // What the disk has damaged is received again by the next attempt.
      if (error instanceof PullError) await shelf.clear(owner, [blob]);
      throw error;
    }
    return path;
  };
}

/** Loads the image without the layers that the engine has. */
async function imageLoad(
  { tag, remote, owner }: PullContext,
  heldCount: number,
  dependencies: PullDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { store, shelf, imageMaxBytes } = dependencies;
  const fetched = remote.layers.slice(heldCount);
  await requireRoom(dependencies, layersMeasure(fetched, imageMaxBytes), signal);
  const verifier = layerVerifierCreate();
  const prefetch = layerPrefetchCreate({
    layers: fetched,
    openBlob: shelved(remote, owner, shelf).openBlob,
    isWanted: (blob) => shelf.lacks(owner, blob),
    verify: keptVerifier({ remote, owner }, shelf, verifier),
  });
  const source = { layers: fetched, openBlob: prefetch.openBlob };
  let plain: PlainLayers | null = null;
  try {
    plain = await zstdLayersExpand(source, imageMaxBytes, dependencies, signal);
    const layers = [...remote.layers.slice(0, heldCount), ...plain.layers];
    const { openBlob } = plain;
    const { openVerified } = prefetch;
    const parts = { ...remote, layers, openBlob, openVerified, heldCount, tag };
    const archive = imageArchiveWrite(parts);
    await store.load(readWhileRoom(archive, dependencies, signal), signal);
  } finally {
    await prefetch.close();
    await verifier.close();
    await plain?.close();
  }
  await shelf.clear(owner, fetched);
}

/** @returns the image's id, and whether its layers were all received from this registry. */
async function imageObtain(
  context: PullContext,
  dependencies: PullDependencies,
  signal: AbortSignal,
): Promise<{ imageId: string; isOfRegistry: boolean }> {
  const { reference, tag, before, remote, owner } = context;
  const { store, reuse, pulledImages } = dependencies;
  layersMeasure(remote.layers, dependencies.imageMaxBytes);
  const held = await reuse.heldLayers(remote, reference, owner.tenantId, signal);
  const same = await store.inspect(remote.config.digest, signal);
  const isRecorded = same !== undefined && (await recordRefresh(dependencies, tag, same.Id));
  // Of another owner's image, only a tag that we added is ours. If it has no other tag, removing ours would remove the
  // image.
  const isOurs =
    same === undefined || (same.Id !== before && (isRecorded || same.RepoTags.length > 0));
  if (same !== undefined && held.count === remote.layers.length) {
    if (same.Id !== before) await store.tag(same.Id, tag, signal);
    if (isOurs) await recordPulled(dependencies, tag, same.Id, before);
    return { imageId: same.Id, isOfRegistry: held.isOfRegistry };
  }
  // Before the image is loaded: an image without a record would never be removed.
  if (isOurs) await recordPulled(dependencies, tag, remote.config.digest, before);
  let { isOfRegistry } = held;
  try {
    await imageLoad(context, held.count, dependencies, signal);
  } catch (error) {
    // The engine no longer has a layer, or does not look for layers that are left out.
    if (held.count === 0 || !(error instanceof PullError) || error.reason !== 'image_rejected') {
      throw error;
    }
    await imageLoad(context, 0, dependencies, signal);
    isOfRegistry = true;
  }
  await dependencies.onStep('image-loaded');
  // By its id where the engine has that of the registry: another tenant's pull may have taken the tag meanwhile.
  const tagged = await store.inspect(tag, signal);
  const loaded = (await store.inspect(remote.config.digest, signal)) ?? tagged;
  if (loaded === undefined) {
    throw new PullError('image_pull_error', 'The image was removed as soon as it was there.');
  }
  if (isOurs && loaded.Id === tagged?.Id) await recordPulled(dependencies, tag, loaded.Id, before);
  if (isOurs && loaded.Id !== tagged?.Id) await pulledImages.add(loaded.Id, loaded.Id);
  return { imageId: loaded.Id, isOfRegistry };
}

/**
 * Docker's own pull is not used. All its pulls share three places for layers, so one tenant's slow registry would
 * delay all tenants. It also follows a registry's redirects to any address.
 * @param received is called with the length of each part of a layer.
 * @returns the image's id.
 * @throws PullError
 */
export async function imagePull(
  { reference, tenantId, credential }: PullOrder,
  dependencies: PullDependencies,
  signal: AbortSignal,
  received: (bytes: number) => void,
): Promise<string> {
  const { installationId, allowedRegistries, store, imageRights } = dependencies;
  const refusal = registryRefusal(canonicalReference(reference), allowedRegistries);
  if (refusal !== null) throw new PullError('image_rejected', refusal);

  await requireRoom(dependencies, 0, signal);
  const tag = imageTag(installationId, reference);
  const registries = await dependencies.registries(signal);
  const options = { ...registries, ...(credential !== null && { credential }) };
  const remote = counted(await remoteImageOpen(reference, options, signal), received);
  const before = (await store.inspect(tag, signal))?.Id ?? null;
  const registry = reference.registry.toLowerCase();
  const credentialId = credential?.id ?? null;
  const owner = { tenantId, credentialId, registry };
  const context = { reference, tag, before, remote, owner };
  const { imageId, isOfRegistry } = await imageObtain(context, dependencies, signal).catch(
    async (error: unknown) => {
      // No later attempt can use what was received.
      const isRejected = error instanceof PullError && error.reason === 'image_rejected';
      if (isRejected) await dependencies.shelf.clear(owner, remote.layers);
      throw error;
    },
  );
  const layers = isOfRegistry ? remote.layers.map(({ digest }) => digest) : [];
  const right = { ref: tag, registry, imageId, credentialId, layers };
  if (await imageRights.add(tenantId, right)) return imageId;
  throw new PullError(
    'image_pull_denied',
    `The credential for the registry "${reference.registry}" was deleted during the pull.`,
  );
}

/**
 * Which layers of an image are taken from the engine instead of its registry. The engine has one store of layers for all
 * orgs, and knows no owners: this is where an org gets only what is its own.
 *
 * Layers of an image that the org's own pulls obtained are its own. Layers that any org's pull obtained from the same
 * registry may be used if that registry confirms each of them, in the image's repository, with the credentials of this
 * org. What another registry confirms counts for nothing: it may be the org's own, and confirm anything. Nor does an
 * image's word that a layer has a certain content: the registry must have served that content under the same digest.
 */
import type { ImageReference } from '../../registry/image-reference.ts';
import type { Blob } from '../../registry/manifest.ts';
import type { RemoteImage } from '../../registry/registry-client.ts';
import type { ImageRightStore } from '../base/options.ts';
import type { ImageStore } from './image-store.ts';

interface HeldLayers {
  /** How many layers, from the first on, are not fetched. */
  count: number;
  /** Whether each of them was once received from this registry, under the digest that the manifest states. */
  isOfRegistry: boolean;
}

export interface LayerReuse {
  heldLayers(
    remote: RemoteImage,
    reference: ImageReference,
    tenantId: number,
    signal: AbortSignal,
  ): Promise<HeldLayers>;
}

/** How many images' layers are remembered. They never change. */
const LAYERS_MAX = 10_000;

function commonLength(a: readonly string[], b: readonly string[]): number {
  const end = a.findIndex((each, index) => each !== b[index]);
  return end === -1 ? a.length : end;
}

/** A registry that can't answer this is asked for the layer itself. */
async function isConfirmed(
  { hasBlob }: RemoteImage,
  layer: Blob,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await hasBlob(layer);
  } catch (error) {
    if (signal.aborted) throw error;
    return false;
  }
}

export function layerReuseCreate(store: ImageStore, rights: ImageRightStore): LayerReuse {
  const layersOf = new Map<string, readonly string[]>();

  async function layersRead(imageId: string, signal: AbortSignal): Promise<readonly string[]> {
    const known = layersOf.get(imageId);
    if (known !== undefined) return known;
    const layers = (await store.inspect(imageId, signal))?.RootFS.Layers;
    if (layers === undefined) return [];
    if (layersOf.size >= LAYERS_MAX) layersOf.clear();
    layersOf.set(imageId, layers);
    return layers;
  }

  return {
    async heldLayers(remote, { registry }, tenantId, signal) {
      const { diffIds, layers } = remote;
      const present = await store.listIds(signal);
      const own = await rights.imagesOf(tenantId);
      const near = await rights.imagesFrom(registry.toLowerCase());
      let ownCount = 0;
      for (const imageId of new Set(own)) {
        if (!present.has(imageId)) continue;
        ownCount = Math.max(ownCount, commonLength(diffIds, await layersRead(imageId, signal)));
      }
      let nearCount = 0;
      const digests = layers.map(({ digest }) => digest);
      for (const { imageId, layers: served } of near) {
        const servedCount = commonLength(digests, served);
        if (servedCount === 0 || !present.has(imageId)) continue;
        const sameCount = commonLength(diffIds, await layersRead(imageId, signal));
        nearCount = Math.max(nearCount, Math.min(servedCount, sameCount));
      }
      let count = ownCount;
      for (const layer of layers.slice(ownCount, nearCount)) {
        if (!(await isConfirmed(remote, layer, signal))) break;
        count += 1;
      }
      return { count, isOfRegistry: count <= nearCount };
    },
  };
}

/** The `VOLUME`s of images. Docker would keep their data in volumes of its own, which nobody counts or finds again. */
import type Docker from 'dockerode';
import { EngineError, volumePathsUncovered } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import { volumePathsRead } from '../../registry/image-config.ts';
import type { DockerApi } from '../daemon/api.ts';
import { unlessMissing } from '../daemon/errors.ts';

/** How many images are cached. An image never changes. */
const KNOWN_MAX = 10_000;

export interface ImageVolumes {
  /**
   * The absolute paths of an image's `VOLUME`s.
   * @throws EngineError `image_missing`.
   */
  paths(imageId: string, signal: AbortSignal): Promise<readonly string[]>;
  /** @throws EngineError `image_volumes` if one of them is not at or below a mount of the spec; `image_missing`. */
  requireMounted(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function imageVolumesCreate(api: DockerApi): ImageVolumes {
  const known = new Map<string, readonly string[]>();

  async function paths(imageId: string, signal: AbortSignal): Promise<readonly string[]> {
    const before = known.get(imageId);
    if (before !== undefined) return before;
    const path = `/images/${imageId}/json`;
    const image = await unlessMissing(
      api.call<Docker.ImageInspectInfo>({ method: 'GET', path, signal }),
    );
    if (image === undefined) {
      const message = 'The image is no longer on the container engine.';
      throw new EngineError('not_found', 'image_missing', message);
    }
    const found = volumePathsRead(image.Config?.Volumes ?? {});
    const [oldest] = known.keys();
    if (known.size >= KNOWN_MAX && oldest !== undefined) known.delete(oldest);
    known.set(imageId, found);
    return found;
  }

  return {
    paths,
    async requireMounted(spec, signal) {
      const [bare] = volumePathsUncovered(await paths(spec.imageId, signal), spec.volumes);
      if (bare === undefined) return;
      const message = `The image has a VOLUME at ${bare}, for which there is no volume.`;
      throw new EngineError('conflict', 'image_volumes', message);
    },
  };
}

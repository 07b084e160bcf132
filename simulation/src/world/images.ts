import type { FakeWorld } from '@dollarbox/engines/fake/world';

type FakeImage = NonNullable<Parameters<FakeWorld['publish']>[1]>;

/** What happens to a container of the image: it runs, it ends repeatedly, or the image is not available. */
export type ImageFate = 'runs' | 'ends' | 'unavailable';

interface SimulationImage {
  fate: ImageFate;
  image: FakeImage | null;
}

/** The registry of the simulation. */
const IMAGES: Readonly<Record<string, SimulationImage>> = {
  'good:1': { fate: 'runs', image: { pullMs: 40 } },
  'good:2': { fate: 'runs', image: { pullMs: 300 } },
  'good:3': { fate: 'runs', image: { pullMs: 5 } },
  'slow:1': { fate: 'runs', image: { pullMs: 20_000 } },
  'moving:latest': { fate: 'runs', image: { pullMs: 60, imageId: 'sha256:moving-0' } },
  'stubborn:1': { fate: 'runs', image: { pullMs: 30, process: { ignoresStop: true } } },
  'slowstop:1': { fate: 'runs', image: { pullMs: 30, process: { stopMs: 3000 } } },
  'keeper:1': { fate: 'runs', image: { pullMs: 30, volumePaths: ['/data', '/keep'] } },
  'keeper:2': { fate: 'runs', image: { pullMs: 60, volumePaths: ['/keep'] } },
  'heals:1': {
    fate: 'runs',
    image: {
      pullMs: 30,
      process: (_spec, run) => (run <= 3 ? { exitAfterMs: 50, exitCode: 1 } : {}),
    },
  },
  'crash:1': { fate: 'ends', image: { pullMs: 30, process: { exitAfterMs: 200, exitCode: 3 } } },
  'short:1': { fate: 'ends', image: { pullMs: 30, process: { exitAfterMs: 30_000 } } },
  'hog:1': {
    fate: 'ends',
    image: { pullMs: 30, process: { exitAfterMs: 500, outOfMemory: true } },
  },
  'nostart:1': { fate: 'ends', image: { pullMs: 30, process: { startError: 'no such file' } } },
  'missing:1': { fate: 'unavailable', image: null },
  'denied:1': {
    fate: 'unavailable',
    image: { pullMs: 20, failure: { reason: 'image_pull_denied', message: 'Denied (HTTP 401).' } },
  },
  'flaky:1': {
    fate: 'unavailable',
    image: { pullMs: 50, failure: { reason: 'image_pull_error', message: 'Broken (HTTP 502).' } },
  },
  'stuck:1': { fate: 'unavailable', image: { pullMs: Infinity } },
};

const IMAGE_NAMES = Object.keys(IMAGES) as [string, ...string[]];

/** The images that an ordinary create asks for, good ones more often. */
export const USUAL_IMAGES: [string, ...string[]] = [
  ...IMAGE_NAMES,
  'keeper:1',
  'good:1',
  'good:2',
  'good:3',
  'good:1',
  'good:2',
  'good:3',
];

export function fateOf(reference: string): ImageFate {
  return IMAGES[reference]?.fate ?? 'unavailable';
}

/** Restores the registry: every image as it was first published. */
export function imagesPublish(world: FakeWorld): void {
  for (const [reference, { image }] of Object.entries(IMAGES)) world.publish(reference, image);
}

/** The `VOLUME`s of an image. */
export function volumePathsOf(reference: string): readonly string[] {
  return imagePublished(reference)?.volumePaths ?? [];
}

export function imagePublished(reference: string): FakeImage | null {
  return IMAGES[reference]?.image ?? null;
}

/**
 * Image manifests, indexes and configurations, as registries serve them. Pure.
 * Sources: OCI image-spec v1.1 (manifest.md, image-index.md), Docker Image Manifest V2, Schema 2.
 */
import { imageSettingsCheck } from './image-config.ts';
import { PullError } from './pull-error.ts';

export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** With Go's names, as in Docker's `/version`. */
export interface Platform {
  os: string;
  architecture: string;
  /** Variant of the machine's ARM processor, such as `v7`. */
  variant?: string;
}

export interface Blob {
  digest: string;
  size: number;
  mediaType?: string;
}

export type Manifest =
  /** Several images for several platforms: the digest of the one for this machine. */
  { kind: 'index'; digest: string } | { kind: 'image'; config: Blob; layers: Blob[] };

const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

function rejected(why: string): PullError {
  return new PullError('image_rejected', `The image can't be used: ${why}.`);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** @throws PullError if it is not a JSON object. */
function parseJson(content: Buffer, what: string): Record<string, unknown> {
  try {
    return asRecord(JSON.parse(content.toString('utf8')));
  } catch (error) {
    throw new PullError('image_rejected', `The image can't be used: its ${what} is broken.`, {
      cause: error,
    });
  }
}

function parseBlob(value: unknown): Blob {
  const { digest, size, mediaType } = asRecord(value);
  if (typeof digest !== 'string' || !DIGEST.test(digest)) throw rejected('its manifest is broken');
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw rejected('its manifest is broken');
  return {
    ...{ digest, size: size as number },
    ...(typeof mediaType === 'string' && { mediaType }),
  };
}

/** Maps the names that other tools write to Go's names. Go's own names are not in the map. */
const ARCHITECTURES: Record<string, string> = {
  x86_64: 'amd64',
  'x86-64': 'amd64',
  aarch64: 'arm64',
  i386: '386',
  i686: '386',
  armhf: 'arm',
  armel: 'arm',
};

/** Normalizes the platform of an index or a configuration. Fields that it does not name are empty. */
function platformNormalize(value: Record<string, unknown>): Required<Platform> {
  const text = (name: string) => {
    const found = value[name];
    return typeof found === 'string' ? found.toLowerCase() : '';
  };
  const written = text('architecture');
  const architecture = ARCHITECTURES[written] ?? written;
  const variant = text('variant').replace(/^(?=\d)/, 'v');
  const usual: Record<string, string> = { arm64: 'v8', arm: written === 'armel' ? 'v6' : 'v7' };
  // The first variant of amd64 is amd64 itself.
  if (architecture === 'amd64' && variant === 'v1')
    return { os: text('os'), architecture, variant: '' };
  return { os: text('os'), architecture, variant: variant || (usual[architecture] ?? '') };
}

/** All platforms that this machine can run, best first, in Docker's order. */
function platformsRunnable(platform: Platform): Required<Platform>[] {
  const { os } = platform;
  const own = platformNormalize({ ...platform });
  const arms = (from: number) =>
    Array.from({ length: from - 4 }, (_, index) => ({
      ...{ os, architecture: 'arm', variant: `v${from - index}` },
    }));
  if (own.architecture === 'amd64') return [own, { os, architecture: '386', variant: '' }];
  if (own.architecture === 'arm64') return [own, ...arms(8)];
  if (own.architecture === 'arm') return arms(Math.max(5, Number(own.variant.slice(1)) || 7));
  return [own];
}

/** @returns how good a match the platform is: 0 is the best, -1 means not for this machine. */
function platformRank(
  entry: Record<string, unknown>,
  runnable: readonly Required<Platform>[],
): number {
  const platform = asRecord(entry['platform']);
  // Some tools omit the platform if there is only one. The configuration then shows whether it fits.
  if (Object.keys(platform).length === 0) return runnable.length;
  const { os, architecture, variant } = platformNormalize(platform);
  return runnable.findIndex(
    (each) =>
      (os === '' || each.os === os) &&
      each.architecture === architecture &&
      each.variant === variant,
  );
}

/**
 * Parses a manifest or an index.
 * @throws PullError `image_rejected` if it is neither, or has nothing for this platform.
 */
export function manifestParse(content: Buffer, platform: Platform): Manifest {
  const manifest = parseJson(content, 'manifest');
  if (Array.isArray(manifest['manifests'])) {
    const runnable = platformsRunnable(platform);
    const [best] = manifest['manifests']
      .map(asRecord)
      .map((entry) => ({ entry, rank: platformRank(entry, runnable) }))
      .filter(({ rank }) => rank >= 0)
      .toSorted((a, b) => a.rank - b.rank);
    if (best === undefined) {
      throw rejected(
        `it has no version for this machine (${platform.os}/${platform.architecture})`,
      );
    }
    return { kind: 'index', digest: parseBlob(best.entry).digest };
  }
  if (manifest['schemaVersion'] !== 2)
    throw rejected('its manifest is of an outdated or unknown kind');
  return {
    kind: 'image',
    config: parseBlob(manifest['config']),
    layers: asArray(manifest['layers']).map(parseBlob),
  };
}

/**
 * Checks that a configuration belongs to an image for this platform. One that names no system or architecture is
 * accepted, as in Docker.
 * @returns the digest of each layer's uncompressed content.
 * @throws PullError `image_rejected`
 */
export function imageConfigCheck(
  content: Buffer,
  layerCount: number,
  platform: Platform,
): string[] {
  const config = parseJson(content, 'configuration');
  const diffIds = asArray(asRecord(config['rootfs'])['diff_ids']);
  const isLayered = diffIds.every((each) => typeof each === 'string' && DIGEST.test(each));
  if (diffIds.length !== layerCount || !isLayered) throw rejected('it is not a container image');
  imageSettingsCheck(config['config']);
  const named = platformNormalize(config);
  const isOurs =
    named.architecture === ''
      ? ['', platform.os].includes(named.os)
      : platformsRunnable(platform).some(
          ({ os, architecture }) =>
            ['', os].includes(named.os) && named.architecture === architecture,
        );
  if (!isOurs) {
    throw rejected(
      `it is made for ${named.os || platform.os}/${named.architecture}, and this machine is ${platform.os}/${platform.architecture}`,
    );
  }
  return diffIds as string[];
}

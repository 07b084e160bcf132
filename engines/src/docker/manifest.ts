/**
 * Image manifests and indexes, as registries give them. Pure.
 * Sources: OCI image-spec v1.1 (manifest.md, image-index.md), Docker Image Manifest V2, Schema 2.
 */
import { PullError } from './pull-error.ts';

export const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** As Docker's `/version` tells it: Go's names. */
export interface Platform {
  os: string;
  architecture: string;
}

export interface Blob {
  digest: string;
  size: number;
}

export type Manifest =
  /** Several images for several platforms: the digest of ours. */
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

/** @throws PullError when it is no JSON object. */
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
  const { digest, size } = asRecord(value);
  if (typeof digest !== 'string' || !DIGEST.test(digest)) throw rejected('its manifest is broken');
  if (!Number.isSafeInteger(size) || (size as number) < 0) throw rejected('its manifest is broken');
  return { digest, size: size as number };
}

/** ARM has variants; the newest that the machine surely runs is preferred. */
function platformRank(candidate: Record<string, unknown>, platform: Platform): number {
  if (candidate['os'] !== platform.os || candidate['architecture'] !== platform.architecture)
    return -1;
  const order = platform.architecture === 'arm' ? ['v5', 'v6', 'v7'] : ['v8'];
  return order.indexOf(String(candidate['variant'] ?? '')) + 1;
}

/**
 * Reads a manifest or an index.
 * @throws PullError `image_rejected` when it is neither, or has nothing for this platform.
 */
export function parseManifest(content: Buffer, platform: Platform): Manifest {
  const manifest = parseJson(content, 'manifest');
  if (Array.isArray(manifest['manifests'])) {
    const [best] = manifest['manifests']
      .map(asRecord)
      .map((entry) => ({ entry, rank: platformRank(asRecord(entry['platform']), platform) }))
      .filter(({ rank }) => rank >= 0)
      .toSorted((a, b) => b.rank - a.rank);
    if (best === undefined) {
      throw rejected(`there is none for this machine (${platform.os}/${platform.architecture})`);
    }
    return { kind: 'index', digest: parseBlob(best.entry).digest };
  }
  if (manifest['schemaVersion'] !== 2) throw rejected('its manifest is of an old or unknown kind');
  return {
    kind: 'image',
    config: parseBlob(manifest['config']),
    layers: asArray(manifest['layers']).map(parseBlob),
  };
}

/** Docker copies what an image says of itself into each of its containers, and tells all of it with each event. */
const SETTINGS_MAX_BYTES = 256 * 1024;
/** As Docker reads them. One that it can't read it takes, and then neither ends nor removes the container. */
const SIGNAL =
  /^(?:[1-9]|[1-5]\d|6[0-4]|(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?))$/i;
/** What our own labels begin with: an image's would be its containers' too, and taken for ours. */
const OUR_LABELS = 'dollarbox.';

/**
 * Makes sure that containers can be made of an image whatever it says of itself.
 * @param settings its env, command, labels and so on, as Docker or its own configuration has them; it may have none.
 * @throws PullError `image_rejected`
 */
export function checkSettings(settings: unknown): void {
  if (settings === null || settings === undefined) return;
  if (Buffer.byteLength(JSON.stringify(settings)) > SETTINGS_MAX_BYTES) {
    throw rejected('its env, command and labels are larger than 256 KiB together');
  }
  const { Labels: labels, StopSignal: signal = '' } = settings as Record<string, unknown>;
  if (signal !== '' && signal !== null && !SIGNAL.test(String(signal))) {
    throw rejected(`its stop signal "${String(signal).slice(0, 100)}" is none`);
  }
  if (typeof labels !== 'object' || labels === null) return;
  const ours = Object.keys(labels).find((name) => name.startsWith(OUR_LABELS));
  if (ours === undefined) return;
  throw rejected(
    `it has the label "${ours.slice(0, 100)}", and those that begin so are DollarBox's`,
  );
}

/** @throws PullError `image_rejected` when a config is not that of an image for this platform. */
export function checkConfig(content: Buffer, layerCount: number, platform: Platform): void {
  const config = parseJson(content, 'configuration');
  const diffIds = asArray(asRecord(config['rootfs'])['diff_ids']);
  if (diffIds.length !== layerCount) throw rejected('it is not a container image');
  checkSettings(config['config']);
  const { os, architecture } = config;
  if (os !== platform.os || architecture !== platform.architecture) {
    throw rejected(
      `it is made for another machine than this (${platform.os}/${platform.architecture})`,
    );
  }
}

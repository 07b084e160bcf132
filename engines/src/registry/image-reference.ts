/**
 * Image references as Docker and OCI clients read them.
 * Grammar: https://github.com/distribution/reference (reference.go), with Docker's defaults.
 */

export interface ImageReference {
  /** `host[:port]` as written; `docker.io` if the reference names none. */
  registry: string;
  /** Path inside the registry; `library/…` for Docker Hub's official images. */
  repository: string;
  tag: string | null;
  /** `sha256:…` or `sha512:…`. */
  digest: string | null;
}

const DEFAULT_REGISTRY = 'docker.io';
const NAME_MAX_LENGTH = 255;
const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const DOMAIN = new RegExp(
  `^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`,
);
const PATH_COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const REPOSITORY = new RegExp(`^${PATH_COMPONENT}(?:/${PATH_COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;
const IMAGE_ID = /^[0-9a-f]{64}$/;

/** Docker treats the first part as a registry only if it can't be a path component of Docker Hub. */
function splitRegistry(name: string): [registry: string, repository: string] {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const namesRegistry =
    slash > 0 && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const [registry, repository] = namesRegistry
    ? [first, name.slice(slash + 1)]
    : [DEFAULT_REGISTRY, name];
  if (registry !== DEFAULT_REGISTRY && registry !== 'index.docker.io')
    return [registry, repository];
  return [DEFAULT_REGISTRY, repository.includes('/') ? repository : `library/${repository}`];
}

/** Whether the port of a `host[:port]` exists, if it names one. */
function hasValidPort(registry: string): boolean {
  const port = /:(\d+)$/.exec(registry)?.[1];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

/** The same for all spellings of one registry's `host[:port]`. */
export function registryKey(registry: string): string {
  const lower = registry.toLowerCase();
  return lower === 'index.docker.io' ? DEFAULT_REGISTRY : lower;
}

/** Splits name, tag and digest: the tag's colon is the last one after the last slash. */
function splitReference(text: string): [name: string, tag: string | null, digest: string | null] {
  const at = text.indexOf('@');
  const beforeDigest = at === -1 ? text : text.slice(0, at);
  const digest = at === -1 ? null : text.slice(at + 1);
  const colon = beforeDigest.lastIndexOf(':');
  if (colon === -1 || colon < beforeDigest.lastIndexOf('/')) return [beforeDigest, null, digest];
  return [beforeDigest.slice(0, colon), beforeDigest.slice(colon + 1), digest];
}

/**
 * Parses an image reference, such as `nginx:1.27` or `host:5000/a/b@sha256:…`.
 * @returns null if it is not a valid reference.
 */
export function imageReferenceParse(text: string): ImageReference | null {
  const [name, tag, digest] = splitReference(text);
  if (tag !== null && !TAG.test(tag)) return null;
  if (digest !== null && !DIGEST.test(digest)) return null;
  if (IMAGE_ID.test(name)) return null;
  const [registry, repository] = splitRegistry(name);
  if (!DOMAIN.test(registry) || !REPOSITORY.test(repository)) return null;
  if (!hasValidPort(registry)) return null;
  if (registry.length + 1 + repository.length > NAME_MAX_LENGTH) return null;
  return { registry, repository, tag, digest };
}

/** The full reference, with the registry and, if it has neither a tag nor a digest, the tag `latest`. */
export function canonicalReference(reference: ImageReference): string {
  const { registry, repository, digest } = reference;
  const tag = reference.tag ?? (digest === null ? 'latest' : null);
  return `${registry}/${repository}${tag === null ? '' : `:${tag}`}${digest === null ? '' : `@${digest}`}`;
}

/** Whether an image already present under this reference is used without a pull: any digest, any tag but `latest`. */
export function isPinnedReference(reference: ImageReference): boolean {
  return reference.digest !== null || (reference.tag ?? 'latest') !== 'latest';
}

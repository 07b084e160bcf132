import {
  type ImageReference,
  imageReferenceParse,
  registryKey,
} from '@dollarbox/engines/image-reference';
import { registryRefusal } from '@dollarbox/engines/registry-guard';
import type { FieldFaults } from '../base/errors.ts';

const HOST_FAULT =
  'Must be a registry\'s host as in an image reference, such as "ghcr.io" or "registry.example.com:5000", without "https://" and without a path.';

/** The faults of a body that the schema can't express: whether images can name this host, and whether it is allowed. */
export function registryFaults(
  { host }: Record<string, unknown>,
  allowedRegistries: readonly string[],
): FieldFaults {
  if (typeof host !== 'string' || host === '') return {};
  const image = `${host}/image`;
  const parsed = imageReferenceParse(image);
  if (host.includes('/') || parsed === null || parsed.registry !== registryNamed(host)) {
    return { host: [HOST_FAULT] };
  }
  const refusal = registryRefusal(image, allowedRegistries);
  return refusal === null ? {} : { host: [refusal] };
}

/** As a reference names it: Docker Hub has two names. */
function registryNamed(host: string): string {
  return host === 'index.docker.io' ? 'docker.io' : host;
}

/** A credential's host and path. */
export interface RegistryScope {
  host_key: string;
  path_prefix: string;
}

/** Whether a credential is for an image. Prefixes match whole parts of the path. */
export function isForImage(
  { host_key: hostKey, path_prefix: prefix }: RegistryScope,
  { registry, repository }: ImageReference,
): boolean {
  if (registryKey(registry) !== hostKey) return false;
  return prefix === '' || repository === prefix || repository.startsWith(`${prefix}/`);
}

/** The credential with the longest prefix among those that are for an image. */
export function registryChoose<Scope extends RegistryScope>(
  registries: readonly Scope[],
  reference: ImageReference,
): Scope | null {
  const [best] = registries
    .filter((each) => isForImage(each, reference))
    .toSorted((a, b) => b.path_prefix.length - a.path_prefix.length);
  return best ?? null;
}

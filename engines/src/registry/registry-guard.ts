/**
 * Keeps tenants from making this server connect to places that they can't reach themselves: a reference's registry is
 * a host that the tenant chose, and pulling makes the engine's machine connect to it.
 */
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { imageReferenceParse } from './image-reference.ts';
import { isSpecialAddress } from './special-addresses.ts';

const LOCAL_NAME = /(?:^|\.)(?:localhost|svc|cluster\.local)$/;

/** Host without port and brackets, in lower case. Unusual forms of IPv4 (`0x7f.1`, `2130706433`) are normalized. */
export function registryHost(registry: string): string {
  const bare = registry.replace(/:[0-9]*$/, '').toLowerCase();
  // The URL parser reads numbers as addresses by the same rules as C libraries.
  const hostname = URL.parse(`http://${bare}/`)?.hostname ?? bare;
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
}

/**
 * Whether the operator allowed this registry.
 * @param registry `host[:port]`; it must be allowed with the same port that the reference has.
 */
export function isAllowedRegistry(registry: string, allowed: readonly string[]): boolean {
  const plain = registry.toLowerCase();
  return allowed.some((entry) => entry.toLowerCase() === plain);
}

function refusalSentence(registry: string): string {
  return (
    `The registry "${registry}" is at a local or private address. ` +
    'The operator can allow it in ALLOWED_REGISTRIES.'
  );
}

/**
 * Refuses registries that are local or private judging by their names alone. No look-ups.
 * @param ref an image reference.
 * @param allowed the operator's `host[:port]` entries.
 * @returns a sentence for the client, or null if there is no objection.
 */
export function registryRefusal(ref: string, allowed: readonly string[]): string | null {
  const registry = imageReferenceParse(ref)?.registry;
  if (registry === undefined || isAllowedRegistry(registry, allowed)) return null;
  const host = registryHost(registry);
  // The URL parser treats a name whose last label is a number as an address. If it could not parse the name, it is
  // invalid.
  const isAddress = isIP(host) !== 0 || /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(host);
  if (isAddress ? isSpecialAddress(host) : LOCAL_NAME.test(host)) return refusalSentence(registry);
  return null;
}

/** Whether a tenant may not make this server connect there: special addresses and the machine's own. */
export function isForbiddenAddress(address: string): boolean {
  if (isSpecialAddress(address)) return true;
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === address),
  );
}

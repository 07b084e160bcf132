/**
 * Keeps tenants from making this server connect to where they can't: a reference's registry is a host
 * that the tenant chose, and pulling makes the engine's machine talk to it.
 */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { parseImageReference } from './image-reference.ts';
import { isSpecialAddress } from './special-addresses.ts';

/** Finds all addresses of a host name. */
export type AddressLookup = (host: string) => Promise<string[]>;

const LOCAL_NAME = /(?:^|\.)(?:localhost|svc|cluster\.local)$/;

/** Host without port and brackets, in lower case; odd forms of IPv4 (`0x7f.1`, `2130706433`) made plain. */
export function registryHost(registry: string): string {
  const bare = registry.replace(/:[0-9]*$/, '').toLowerCase();
  // The URL parser reads numbers as addresses by the same rules as C libraries do.
  const hostname = URL.parse(`http://${bare}/`)?.hostname ?? bare;
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
}

/**
 * Whether the operator named this registry.
 * @param registry `host[:port]`; it must be named with the port that it is written with.
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
 * Refuses registries that are local or private by the way they are written. No look-ups.
 * @param ref an image reference.
 * @param allowed the operator's `host[:port]` entries.
 * @returns a sentence for the client, or null when nothing speaks against it.
 */
export function registryRefusal(ref: string, allowed: readonly string[]): string | null {
  const registry = parseImageReference(ref)?.registry;
  if (registry === undefined || isAllowedRegistry(registry, allowed)) return null;
  const host = registryHost(registry);
  // A last label of digits is an address to the URL parser; one that it could not read is none.
  const isAddress = isIP(host) !== 0 || /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/.test(host);
  if (isAddress ? isSpecialAddress(host) : LOCAL_NAME.test(host)) return refusalSentence(registry);
  return null;
}

/** Whether a tenant may not have this server connect there: special addresses and the machine's own. */
export function isForbiddenAddress(address: string): boolean {
  if (isSpecialAddress(address)) return true;
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => entry.address === address),
  );
}

/** Through the system's resolver, `/etc/hosts` included. */
export const systemLookup: AddressLookup = async (host) => {
  const entries = await lookup(host, { all: true });
  return entries.map((entry) => entry.address);
};

/**
 * Refuses registries that are, or resolve to, an address where a tenant may not send this server.
 * @returns a sentence for the client, or null when nothing speaks against it, also when the name is unknown.
 */
export async function resolvedRegistryRefusal(
  ref: string,
  allowed: readonly string[],
  resolve: AddressLookup = systemLookup,
): Promise<string | null> {
  const refusal = registryRefusal(ref, allowed);
  const registry = parseImageReference(ref)?.registry;
  if (refusal !== null || registry === undefined || isAllowedRegistry(registry, allowed)) {
    return refusal;
  }
  const host = registryHost(registry);
  const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [host];
  return addresses.some(isForbiddenAddress) ? refusalSentence(registry) : null;
}

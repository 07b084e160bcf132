/** Describes this machine's own network. Meaningful only if the engine runs on this machine. */
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { canonicalIpv6 } from './ip.ts';

/**
 * The shortest prefixes of networks behind a gateway that count: a broad route to all of 10.0.0.0/8 does not mean a
 * neighbour.
 */
const ROUTED_PREFIX_MIN = { ipv4: 16, ipv6: 48 };

/** `RTF_REJECT` of Linux: an unreachable, prohibited or blackhole route. */
const ROUTE_REJECTS = 0x200;

export interface HostRoute {
  cidr: string;
  interface: string;
}

function ipv4FromHex(littleEndian: string): string {
  return (littleEndian.match(/../g) ?? [])
    .toReversed()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}

/** @param text `/proc/net/route` */
export function parseIpv4Routes(text: string): HostRoute[] {
  const routes: HostRoute[] = [];
  for (const line of text.split('\n').slice(1)) {
    const [name, destination, gateway, , , , , mask] = line.trim().split(/\s+/);
    if (!name || !destination || !gateway || !mask) continue;
    const bits = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length;
    const prefix = mask === '00000000' ? 0 : bits;
    const least = gateway === '00000000' ? 1 : ROUTED_PREFIX_MIN.ipv4;
    if (prefix >= least)
      routes.push({ cidr: `${ipv4FromHex(destination)}/${prefix}`, interface: name });
  }
  return routes;
}

/** @param text `/proc/net/ipv6_route` */
export function parseIpv6Routes(text: string): HostRoute[] {
  const routes: HostRoute[] = [];
  for (const line of text.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [destination, prefixHex, , , gateway, , , , flags] = fields;
    const name = fields[9];
    if (!destination || !prefixHex || !gateway || !flags || !name) continue;
    // An unreachable route: it only keeps packets to unused addresses from looping.
    if ((Number.parseInt(flags, 16) & ROUTE_REJECTS) !== 0) continue;
    const address = destination.match(/.{4}/g)?.join(':') ?? '';
    const prefix = Number.parseInt(prefixHex, 16);
    const least = /^0+$/.test(gateway) ? 1 : ROUTED_PREFIX_MIN.ipv6;
    // Link-local and multicast routes exist on every interface and conflict with nothing.
    if (prefix < least || /^f[ef]/.test(address)) continue;
    routes.push({ cidr: `${address}/${prefix}`, interface: name });
  }
  return routes;
}

/** Networks that this machine reaches; empty if the system does not report them. */
export async function hostRoutesRead(): Promise<HostRoute[]> {
  const [ipv4, ipv6] = await Promise.all([
    readFile('/proc/net/route', 'utf8').catch(() => ''),
    readFile('/proc/net/ipv6_route', 'utf8').catch(() => ''),
  ]);
  return [...parseIpv4Routes(ipv4), ...parseIpv6Routes(ipv6)];
}

export interface HostAddress {
  address: string;
  /** Null if the system does not report it (IPv4). */
  interface: string | null;
}

/**
 * @param text `/proc/net/fib_trie`
 * @returns the machine's own addresses, except loopback.
 */
export function localIpv4Parse(text: string): HostAddress[] {
  const found = text.matchAll(/\|-- ([0-9.]+)\n\s+\/32 host LOCAL/g);
  const addresses = new Set([...found].map(([, address = '']) => address));
  return [...addresses]
    .filter((address) => !isLoopback(address))
    .map((address) => ({ address, interface: null }));
}

/**
 * @param text `/proc/net/if_inet6`
 * @returns the machine's own addresses, except loopback.
 */
export function localIpv6Parse(text: string): HostAddress[] {
  const addresses: HostAddress[] = [];
  for (const line of text.split('\n')) {
    const [digits, , , , , name] = line.trim().split(/\s+/);
    if (digits === undefined || name === undefined) continue;
    const address = canonicalIpv6(digits.match(/.{4}/g)?.join(':') ?? '');
    if (!isLoopback(address)) addresses.push({ address, interface: name });
  }
  return addresses;
}

/** All addresses at which this machine answers, including those of interfaces without a carrier. */
export async function hostAddressesRead(): Promise<HostAddress[]> {
  const [ipv4, ipv6] = await Promise.all([
    readFile('/proc/net/fib_trie', 'utf8').catch(() => ''),
    readFile('/proc/net/if_inet6', 'utf8').catch(() => ''),
  ]);
  return [...localIpv4Parse(ipv4), ...localIpv6Parse(ipv6)];
}

/**
 * @param text a resolver configuration.
 * @returns addresses, in order.
 */
export function nameserversParse(text: string): string[] {
  const addresses: string[] = [];
  for (const line of text.split('\n')) {
    const address = /^\s*nameserver\s+(\S+)/.exec(line)?.[1]?.split('%')[0];
    if (address !== undefined && isIP(address) !== 0) addresses.push(address);
  }
  return addresses;
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/**
 * @param text Docker's `daemon.json`.
 * @returns the name servers that it sets for containers.
 */
export function daemonNameserversParse(text: string): string[] {
  try {
    const { dns } = JSON.parse(text) as { dns?: unknown };
    return Array.isArray(dns) ? dns.filter((each) => typeof each === 'string' && isIP(each)) : [];
  } catch {
    // The daemon itself reports this.
    return [];
  }
}

/**
 * The name servers that Docker's resolver asks on behalf of containers, from the containers' own network: those of
 * `daemon.json`, or else of `/etc/resolv.conf`, unless that names only systemd's stub. Loopback addresses are
 * omitted: Docker asks those from the host's network.
 */
export async function nameserversRead(): Promise<string[]> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const set = daemonNameserversParse(await read('/etc/docker/daemon.json'));
  const configured = nameserversParse(await read('/etc/resolv.conf'));
  const isStub = configured.length === 1 && configured[0] === '127.0.0.53';
  const system = isStub
    ? nameserversParse(await read('/run/systemd/resolve/resolv.conf'))
    : configured;
  return (set.length > 0 ? set : system).filter((address) => !isLoopback(address));
}

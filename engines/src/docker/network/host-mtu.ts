/** The largest packet that leaves this machine whole. Meaningful only if the engine runs on this machine. */
import { readFile } from 'node:fs/promises';

/** The least that IPv6 works with (RFC 8200 §5). */
const IPV6_MTU_MIN = 1280;
/** `RTF_REJECT` of Linux: an unreachable, prohibited or blackhole route. */
const ROUTE_REJECTS = 0x200;

/**
 * @param ipv4 `/proc/net/route`
 * @param ipv6 `/proc/net/ipv6_route`
 * @returns the interfaces of the default routes.
 */
export function uplinksParse(ipv4: string, ipv6: string): string[] {
  const names: string[] = [];
  for (const line of ipv4.split('\n').slice(1)) {
    const [name, destination, , flags = '', , , , mask] = line.trim().split(/\s+/);
    if (name === undefined || destination !== '00000000' || mask !== '00000000') continue;
    if ((Number.parseInt(flags, 16) & ROUTE_REJECTS) === 0) names.push(name);
  }
  for (const line of ipv6.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [destination, prefix, , , , , , , flags = ''] = fields;
    const name = fields[9];
    if (name === undefined || !/^0+$/.test(destination ?? '') || prefix !== '00') continue;
    if ((Number.parseInt(flags, 16) & ROUTE_REJECTS) === 0) names.push(name);
  }
  return [...new Set(names)];
}

/** The MTU of the machine's uplink, the smallest if it has several; null if it is not known. */
export async function hostMtuRead(): Promise<number | null> {
  const read = (path: string) => readFile(path, 'utf8').catch(() => '');
  const uplinks = uplinksParse(await read('/proc/net/route'), await read('/proc/net/ipv6_route'));
  const mtus = await Promise.all(uplinks.map((name) => read(`/sys/class/net/${name}/mtu`)));
  const known = mtus.map(Number).filter((mtu) => Number.isInteger(mtu) && mtu > 0);
  return known.length === 0 ? null : Math.max(Math.min(...known), IPV6_MTU_MIN);
}

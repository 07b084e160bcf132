/** Compares addresses and subnets. */
import { BlockList, isIPv6 } from 'node:net';

/** The canonical short form of an IPv6 address (RFC 5952). */
export function canonicalIpv6(address: string): string {
  return URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1) ?? address;
}

function containsNetworkOf(outer: string, inner: string): boolean {
  const [outerAddress = '', prefix = ''] = outer.split('/');
  const [innerAddress = ''] = inner.split('/');
  if (isIPv6(outerAddress) !== isIPv6(innerAddress)) return false;
  const family = isIPv6(outerAddress) ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(outerAddress, Number(prefix), family);
  return list.check(innerAddress, family);
}

/** Whether two CIDRs of the same family share an address. */
export function subnetsOverlap(a: string, b: string): boolean {
  return containsNetworkOf(a, b) || containsNetworkOf(b, a);
}

/** Whether two CIDRs are equal, however they are written. */
export function isSameSubnet(a: string, b: string): boolean {
  return a.split('/')[1] === b.split('/')[1] && subnetsOverlap(a, b);
}

import { isIPv6 } from 'node:net';

/**
 * The client that an address counts for: an IPv4 address itself, or the /64 of an IPv6 address, because a client that
 * has one address of a /64 has all of them (RFC 6177).
 */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted end stands for two groups.
  const endLength = end.length + (plain.includes('.') ? 1 : 0);
  const zeros = Array<string>(tail === undefined ? 0 : 8 - start.length - endLength).fill('0');
  const groups = [...start, ...zeros, ...end].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

import { isIPv4, isIPv6 } from 'node:net';
import { isSpecialAddress } from '@dollarbox/engines/special-addresses';
import { ipv6Groups } from './ipv6-subnet.ts';

const LENGTH_MIN = 32;
const LENGTH_MAX = 56;
const EXAMPLE = '2001:db8:40::/48';

/**
 * Parses the prefix that an operator's variable names.
 * @returns the prefix in its short form.
 * @throws Error whose message completes a sentence that begins with the variable's name.
 */
export function ipv6PrefixParse(text: string): string {
  const [written = '', length, ...rest] = text.split('/');
  if (isIPv4(written)) throw new Error(`must be IPv6, such as ${EXAMPLE}, not IPv4 as "${text}"`);
  if (!isIPv6(written) || written.includes('%') || rest.length > 0) {
    throw new Error(`must be an IPv6 prefix, such as ${EXAMPLE}, not "${text}"`);
  }
  if (length === undefined || !/^\d{1,3}$/.test(length)) {
    throw new Error(`must end in its length, as ${EXAMPLE} does, unlike "${text}"`);
  }
  const bits = Number(length);
  if (bits > LENGTH_MAX) {
    throw new Error(
      `must be a /${LENGTH_MAX} or shorter, not a /${bits}: every org gets a /64 of it, so ask your provider for more`,
    );
  }
  if (bits < LENGTH_MIN) {
    throw new Error(`must be a /${LENGTH_MIN} or longer, not a /${bits}: check its length`);
  }
  const address = ipv6Shorten(written);
  if (!isRoutable(address)) {
    throw new Error(
      `must be a prefix that is routed to this machine; "${text}" is of a range that is nobody's to route`,
    );
  }
  const network = networkOf(address, bits);
  if (network !== address) {
    throw new Error(
      `must have nothing set behind its length: write ${network}/${bits} if "${text}" means that`,
    );
  }
  return `${address}/${bits}`;
}

/** The canonical short form of an IPv6 address (RFC 5952). */
function ipv6Shorten(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function networkOf(address: string, bits: number): string {
  const groups = ipv6Groups(address).map((group, index) => {
    const kept = Math.min(Math.max(bits - 16 * index, 0), 16);
    return group & (0xffff << (16 - kept)) & 0xffff;
  });
  return ipv6Shorten(groups.map((group) => group.toString(16)).join(':'));
}

/** Public addresses, and addresses that an organisation routes among its own machines (RFC 4193). */
function isRoutable(address: string): boolean {
  const [first = 0] = ipv6Groups(address);
  const isPublic = first >> 13 === 0b001 && !isSpecialAddress(address);
  return isPublic || first >> 9 === 0xfc >> 1;
}

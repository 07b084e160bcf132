/**
 * Addresses that are not plain hosts of the public Internet: private, local, carrier, metadata, multicast, reserved.
 * Neither a tenant's container nor a registry that a tenant names may connect there.
 * Sources: the IANA IPv4 and IPv6 special-purpose address registries, and the metadata services of cloud providers.
 * The documentation ranges are omitted: they are not routed anywhere, and test networks use them.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

export const SPECIAL_IPV4_CIDRS: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Azure's metadata and DHCP service, in the middle of public address space.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

const NAT64_PREFIX = '64:ff9b::';

export const SPECIAL_IPV6_CIDRS: readonly string[] = [
  '::/96',
  '::ffff:0:0/96',
  // The well-known NAT64 prefix leads to IPv4: addresses that are special in IPv4 are special here too.
  ...SPECIAL_IPV4_CIDRS.map((cidr) => {
    const [address = '', prefix = ''] = cidr.split('/');
    return `${NAT64_PREFIX}${address}/${96 + Number(prefix)}`;
  }),
  '64:ff9b:1::/48',
  '100::/64',
  // Teredo and 6to4 embed an IPv4 address that the sender chooses.
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

function blockList(cidrs: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix = ''] = cidr.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

const specialIpv4 = blockList(SPECIAL_IPV4_CIDRS, 'ipv4');
const specialIpv6 = blockList(SPECIAL_IPV6_CIDRS, 'ipv6');

/**
 * Whether an address is one of the special ones.
 * @param address IPv4 in dotted form or IPv6 without brackets; anything else counts as special.
 */
export function isSpecialAddress(address: string): boolean {
  const bare = address.split('%')[0] ?? '';
  if (isIPv4(bare)) return specialIpv4.check(bare, 'ipv4');
  if (isIPv6(bare)) return specialIpv6.check(bare, 'ipv6');
  return true;
}

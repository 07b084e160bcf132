/**
 * The host's own rules, in the format of nftables: a table that is only ours. A packet that any base chain drops is
 * gone whatever other tables say, so neither Docker's rules nor the administrator's rules matter.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { SPECIAL_IPV4_CIDRS, SPECIAL_IPV6_CIDRS } from '../../registry/special-addresses.ts';
import { canonicalIpv6 } from './ip.ts';

/** One of our networks: the name of its bridge and its subnets. */
export interface Bridge {
  name: string;
  /** CIDRs of both families. */
  subnets: readonly string[];
}

/** The bridges of a machine's Docker networks. */
export interface MachineBridges {
  ours: readonly Bridge[];
  /** Names of the bridges of all other networks. */
  foreign: readonly string[];
}

export interface FirewallShape {
  table: string;
  /** The common prefix of the names of our bridges. */
  bridgePrefix: string;
  bridges: readonly Bridge[];
  /** Names of the bridges of Docker's other networks. */
  foreignBridges: readonly string[];
  /** Where Docker's resolver forwards containers' queries. */
  nameservers: readonly string[];
  /** The containers' addresses that are not reachable from beyond the host, a CIDR. */
  closedIpv6: string;
}

function renderSet(name: string, type: string, elements: readonly string[], flags = ''): string {
  const content = elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }`;
  return `  set ${name} { type ${type}; ${flags} ${content} }`;
}

/** nft does not accept the form that ends in dotted notation, `64:ff9b::10.0.0.0`. */
function renderIpv6Cidr(cidr: string): string {
  const [address = '', prefix = ''] = cidr.split('/');
  return `${canonicalIpv6(address)}/${prefix}`;
}

/**
 * A file for `nft -f` that replaces our whole table in one transaction.
 *
 * - A bridge sends only from its own subnets, and from link-local addresses to its own link. This rule comes before
 *   connection tracking: a forged reply would count as part of someone else's connection.
 * - To the host itself, containers send replies and what IPv6 needs to work, nothing else.
 * - Nothing passes between our bridges. A bridge's own traffic does pass, if the kernel shows it to this hook
 *   (`br_netfilter`).
 * - Containers of Docker's other networks open no connections to ours. Docker sees to that too, but Docker 20.10 removes
 *   its rule for a moment whenever it creates a network.
 * - To private and other special addresses, containers send replies and name look-ups, nothing else.
 * - From beyond a container's bridge, only the host opens connections to it over IPv4 or to a closed IPv6 address.
 */
export function firewallRender(shape: FirewallShape): string {
  const ours = `"${shape.bridgePrefix}*"`;
  const pairs = shape.bridges.map(({ name }) => `"${name}" . "${name}"`);
  const owned = (isFamily: (address: string) => boolean) =>
    shape.bridges.flatMap(({ name, subnets }) =>
      subnets
        .filter((subnet) => isFamily(subnet.split('/')[0] ?? ''))
        .map((subnet) => `"${name}" . ${subnet}`),
    );
  return `
table inet ${shape.table}
delete table inet ${shape.table}
table inet ${shape.table} {
${renderSet('same_bridge', 'ifname . ifname', pairs)}
${renderSet(
  'foreign',
  'ifname',
  shape.foreignBridges.map((name) => `"${name}"`),
)}
${renderSet('nameservers4', 'ipv4_addr', shape.nameservers.filter(isIPv4))}
${renderSet('nameservers6', 'ipv6_addr', shape.nameservers.filter(isIPv6))}
${renderSet('special4', 'ipv4_addr', SPECIAL_IPV4_CIDRS, 'flags interval;')}
${renderSet('special6', 'ipv6_addr', SPECIAL_IPV6_CIDRS.map(renderIpv6Cidr), 'flags interval;')}
${renderSet('own4', 'ifname . ipv4_addr', owned(isIPv4), 'flags interval;')}
${renderSet('own6', 'ifname . ipv6_addr', owned(isIPv6), 'flags interval;')}
  chain source {
    type filter hook prerouting priority raw - 10; policy accept;
    iifname != ${ours} accept
    iifname . ip saddr @own4 accept
    iifname . ip6 saddr @own6 accept
    ip6 saddr fe80::/10 ip6 daddr { fe80::/10, ff02::/16 } accept
    ip6 saddr fe80::/10 meta l4proto ipv6-icmp accept
    ip6 saddr :: meta l4proto ipv6-icmp accept
    drop
  }
  chain input {
    type filter hook input priority filter - 10; policy accept;
    iifname != ${ours} accept
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
    icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
    ip daddr @nameservers4 meta l4proto { tcp, udp } th dport 53 accept
    ip6 daddr @nameservers6 meta l4proto { tcp, udp } th dport 53 accept
    reject with icmpx admin-prohibited
  }
  chain forward {
    type filter hook forward priority filter - 10; policy accept;
    iifname . oifname @same_bridge accept
    iifname ${ours} oifname ${ours} drop
    ct state established,related accept
    iifname @foreign oifname ${ours} drop
    iifname ${ours} ip daddr @nameservers4 meta l4proto { tcp, udp } th dport 53 accept
    iifname ${ours} ip6 daddr @nameservers6 meta l4proto { tcp, udp } th dport 53 accept
    iifname ${ours} ip daddr @special4 reject with icmpx admin-prohibited
    iifname ${ours} ip6 daddr @special6 reject with icmpx admin-prohibited
    oifname ${ours} meta nfproto ipv4 drop
    oifname ${ours} ip6 daddr ${shape.closedIpv6} drop
  }
}
`;
}

/**
 * A file for `nft -f` that limits the concurrent connections that a bridge's containers have through the host: the
 * kernel's connection table is shared by everything on the machine. An existing table is kept, since the kernel
 * counts only connections whose start it has seen.
 */
export function connectionLimitRender(
  table: string,
  bridgeNamesPrefix: string,
  connectionsMax: number,
): string {
  return `
table inet ${table} {
  set counted { type ifname; flags dynamic; size 65535; }
  chain connections { type filter hook forward priority filter - 11; policy accept; }
}
flush chain inet ${table} connections
table inet ${table} {
  chain connections {
    iifname "${bridgeNamesPrefix}*" ct state new add @counted { iifname ct count over ${connectionsMax} } drop
  }
}
`;
}

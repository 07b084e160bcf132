/**
 * The host's own rules, as nftables reads them: a table of ours alone. A packet that any base chain
 * drops is gone whatever other tables say, so neither Docker's rules nor the administrator's matter.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { SPECIAL_IPV4_CIDRS, SPECIAL_IPV6_CIDRS } from '../special-addresses.ts';
import { canonicalIpv6 } from './ip.ts';

export interface FirewallShape {
  table: string;
  /** What all names of our bridges begin with. */
  bridgePrefix: string;
  bridges: readonly string[];
  /** Where Docker's resolver forwards containers' questions to. */
  nameservers: readonly string[];
  /** The containers' addresses that nobody reaches from beyond the host, a CIDR. */
  closedIpv6: string;
}

function renderSet(name: string, type: string, elements: readonly string[], flags = ''): string {
  const content = elements.length === 0 ? '' : `elements = { ${elements.join(', ')} }`;
  return `  set ${name} { type ${type}; ${flags} ${content} }`;
}

/** nft does not read the form that ends in dots, `64:ff9b::10.0.0.0`. */
function renderIpv6Cidr(cidr: string): string {
  const [address = '', prefix = ''] = cidr.split('/');
  return `${canonicalIpv6(address)}/${prefix}`;
}

/**
 * A file for `nft -f`: replaces our table as a whole, in one transaction.
 *
 * - To the host itself, containers send replies and what IPv6 needs to work, no more.
 * - Between bridges of ours nothing passes. A bridge's own traffic does, where the kernel shows it
 *   to this hook (`br_netfilter`).
 * - To private and other special addresses containers send replies and name look-ups, no more.
 * - Nobody opens a connection to a container from beyond its bridge, but the host, over IPv4 or to a
 *   closed IPv6 address.
 */
export function renderFirewall(shape: FirewallShape): string {
  const ours = `"${shape.bridgePrefix}*"`;
  const pairs = shape.bridges.map((bridge) => `"${bridge}" . "${bridge}"`);
  return `
table inet ${shape.table}
delete table inet ${shape.table}
table inet ${shape.table} {
${renderSet('same_bridge', 'ifname . ifname', pairs)}
${renderSet('nameservers4', 'ipv4_addr', shape.nameservers.filter(isIPv4))}
${renderSet('nameservers6', 'ipv6_addr', shape.nameservers.filter(isIPv6))}
${renderSet('special4', 'ipv4_addr', SPECIAL_IPV4_CIDRS, 'flags interval;')}
${renderSet('special6', 'ipv6_addr', SPECIAL_IPV6_CIDRS.map(renderIpv6Cidr), 'flags interval;')}
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

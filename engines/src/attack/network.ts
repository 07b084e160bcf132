/** Attacks with packets: spoofed source addresses, and filling the host's connection tracking tables. */
import assert from 'node:assert/strict';
import type { AttackHost } from './attack-host.ts';
import type { Attack } from './attack.ts';
import { waitFor } from '../docker/test/setup.ts';
import { attackerStart, ipv6Bytes, perl, sockaddrIn6 } from './tools.ts';

/** A public address. Packets to it end on this private host. */
const ELSEWHERE = { address: '2a00:dead::1', subnet: '2a00:dead::/64' };
const FOREIGN = '2a00:beef::1';
const COUNTERS = 'attack_counters';
/** `IPV6_FREEBIND` of linux/in6.h; level `IPPROTO_IPV6`. */
const FREEBIND = 'setsockopt(S, 41, 78, pack("i", 1))';

/** Adds a default route that leads nowhere, and a counter of what leaves through it from an address. */
async function wayOutOpen(host: AttackHost, sources: readonly string[]): Promise<void> {
  const counters = sources.map((_, index) => `counter c${index} { }`).join('\n');
  const rules = sources.map((source, index) => `ip6 saddr ${source} counter name c${index}`);
  const table = `table inet ${COUNTERS} { ${counters}
    chain out { type filter hook postrouting priority 0; ${rules.join('\n')}
    }
    }`;
  const script = `set -e
    ip link show way-out >/dev/null 2>&1 || ip link add way-out type veth peer name way-out-end
    ip link set way-out-end up
    ip link set way-out up
    ip -6 route replace ${ELSEWHERE.subnet} dev way-out
    ip -6 neigh replace ${ELSEWHERE.address} lladdr 02:00:00:00:00:01 dev way-out
    echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    nft delete table inet ${COUNTERS} 2>/dev/null || true
    nft -f - <<END
    ${table}
END`;
  await host.onHost('sh', '-c', script);
}

async function packetsFrom(host: AttackHost, index: number): Promise<number> {
  const said = await host.onHost('nft', 'list', 'counter', 'inet', COUNTERS, `c${index}`);
  return Number(/packets (\d+)/.exec(said)?.[1] ?? Number.NaN);
}

/** Sends a datagram from an address. @returns Perl's `$!` if something failed. */
function sendFrom(host: AttackHost, ref: string, source: string): Promise<string> {
  return perl(
    host,
    ref,
    `socket(S, 10, 2, 0) or die "socket $!";
     ${FREEBIND} or die "freebind $!";
     bind(S, ${sockaddrIn6(7777, ipv6Bytes(source))}) or die "bind $!";
     for (1 .. 5) { send(S, "x", 0, ${sockaddrIn6(9, ipv6Bytes(ELSEWHERE.address))}) or print "send $!\n"; }`,
  );
}

/** The attacker's own address. */
function ownAddress(host: AttackHost, { id }: { id: number }): string {
  return host.tenants[0].ipv6Subnet.replace(/::\/64$/, `::${(0x100 + id).toString(16)}`);
}

/** Waits until packets from an address leave: the first ones wait for neighbor discovery. @param index its counter. */
function leaves(host: AttackHost, ref: string, source: string, index: number): Promise<boolean> {
  return waitFor('what it sends from its own address', async () => {
    const before = await packetsFrom(host, index);
    await sendFrom(host, ref, source);
    return (await packetsFrom(host, index)) > before;
  });
}

function spoofing(name: string, before: string, source: (host: AttackHost) => string): Attack {
  return {
    name,
    before,
    async run(host) {
      const attacker = await attackerStart(host);
      const { ref } = attacker;
      const own = ownAddress(host, attacker);
      await wayOutOpen(host, [source(host), own]);
      await leaves(host, ref, own, 1);
      await sendFrom(host, ref, source(host));
      await leaves(host, ref, own, 1);
      assert.equal(await packetsFrom(host, 0), 0);
      await host.engine('containers.end', ref, 0);
      return 'dropped before connection tracking; from its own address it leaves';
    },
  };
}

export const NETWORK_ATTACKS: readonly Attack[] = [
  spoofing(
    'packets from an address of the Internet that is not its own',
    'they left the host, with no capability needed (IPV6_FREEBIND)',
    () => FOREIGN,
  ),
  spoofing(
    "packets from another org's address",
    'they left the host as if the other org had sent them',
    (host) => host.tenants[1].ipv6Subnet.replace('::/64', '::102'),
  ),
  {
    name: "the host's table of connections is filled",
    before: 'the table is shared by everyone: when it was full, nobody could connect',
    async run(host) {
      const attacker = await attackerStart(host);
      const { ref } = attacker;
      const own = ownAddress(host, attacker);
      await wayOutOpen(host, [own]);
      await leaves(host, ref, own, 0);
      const target = ipv6Bytes(ELSEWHERE.address);
      await perl(
        host,
        ref,
        `for (1 .. ${4 * host.connectionsMax}) {
           socket(S, 10, 2, 0) or die; send(S, "x", 0, pack("SnN", 10, 1000 + $_, 0) . ${target} . pack("N", 0)); close(S); }`,
      );
      const said = await host.onHost('cat', '/proc/net/nf_conntrack');
      const held = said.split('\n').filter((line) => line.includes('2a00:dead:0000')).length;
      assert.ok(held > 0 && held <= host.connectionsMax, `${held} connections`);
      await host.engine('containers.end', ref, 0);
      return `${held} of ${4 * host.connectionsMax} connections were let through: an org has a bound of its own`;
    },
  },
];

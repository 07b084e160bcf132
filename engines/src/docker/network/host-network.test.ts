import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  daemonNameserversParse,
  parseIpv4Routes,
  parseIpv6Routes,
  localIpv4Parse,
  localIpv6Parse,
  nameserversParse,
} from './host-network.ts';
import { isSameSubnet, subnetsOverlap } from './ip.ts';

test('IPv4 routes: connected ones, and small ones behind a gateway', () => {
  const text = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
tun0	0000000A	010200C0	0003	0	0	0	000000FF	0	0	0
tun0	0000140A	010200C0	0003	0	0	0	0000FFFF	0	0	0
br1	00E0620A	00000000	0001	0	0	0	C0FFFFFF	0	0	0
`;
  assert.deepEqual(parseIpv4Routes(text), [
    { cidr: '192.0.2.0/24', interface: 'eth0' },
    { cidr: '10.20.0.0/16', interface: 'tun0' },
    { cidr: '10.98.224.0/26', interface: 'br1' },
  ]);
});

test('IPv6 routes: without the default, link-local and unreachable ones', () => {
  const zero = '0'.repeat(32);
  const text = [
    `fd000000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 eth0`,
    `fe800000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 eth0`,
    `${zero} 00 ${zero} 00 fd000000000000000000000000000001 00000400 00000001 00000000 00000003 eth0`,
    // Unreachable: the unused rest of a prefix that is routed here.
    `20010db8004000000000000000000000 30 ${zero} 00 ${zero} 00000400 00000001 00000000 00200200 lo`,
    `${zero} 00 ${zero} 00 ${zero} ffffffff 00000001 00000000 00200200 lo`,
  ].join('\n');
  assert.deepEqual(parseIpv6Routes(text), [
    { cidr: 'fd00:0000:0000:0000:0000:0000:0000:0000/64', interface: 'eth0' },
  ]);
});

test("the machine's own addresses", () => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.2
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
     |-- 127.0.0.1
        /32 host LOCAL
Local:
     |-- 192.0.2.2
        /32 host LOCAL
`;
  assert.deepEqual(localIpv4Parse(trie), [{ address: '192.0.2.2', interface: null }]);
  const inet6 = `fe8000000000000000fc00fffe000001 04 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
fd000000000000000000000000000002 04 40 00 82     eth0
`;
  assert.deepEqual(localIpv6Parse(inet6), [
    { address: 'fe80::fc:ff:fe00:1', interface: 'eth0' },
    { address: 'fd00::2', interface: 'eth0' },
  ]);
});

test('name servers in order; invalid entries are ignored', () => {
  const text =
    '# nameserver 9.9.9.9\nnameserver 10.0.0.2\nsearch x\n nameserver fe80::1%eth0\nnameserver x\n';
  assert.deepEqual(nameserversParse(text), ['10.0.0.2', 'fe80::1']);
});

test("name servers of Docker's own configuration", () => {
  const text = '{"dns": ["10.0.0.2", "x", 7, "fd00::53"]}';
  assert.deepEqual(daemonNameserversParse(text), ['10.0.0.2', 'fd00::53']);
  for (const none of ['', '{', '[]', '{"dns": "10.0.0.2"}']) {
    assert.deepEqual(daemonNameserversParse(none), []);
  }
});

test('subnets overlap if one contains the other', () => {
  assert.equal(subnetsOverlap('10.0.0.0/8', '10.9.9.64/26'), true);
  assert.equal(subnetsOverlap('10.9.9.64/26', '10.0.0.0/8'), true);
  assert.equal(subnetsOverlap('10.9.9.64/26', '10.9.9.128/26'), false);
  assert.equal(subnetsOverlap('fd00::/64', 'fd00:0:0:0::/64'), true);
  assert.equal(subnetsOverlap('fd00::/64', '10.0.0.0/8'), false);
  assert.equal(isSameSubnet('fd00:0::/64', 'fd00::/64'), true);
  assert.equal(isSameSubnet('10.0.0.0/26', '10.0.0.0/25'), false);
});

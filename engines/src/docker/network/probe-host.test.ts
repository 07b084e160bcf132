import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probedAddresses } from './probe-host.ts';

const addresses = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => ({
    interface: 'eth0',
    address: `${prefix}${index + 1}`,
  }));

void test('addresses of both families are tried on a host that has many of one', () => {
  for (const [ipv4, ipv6, due] of [
    [3, 2, [3, 2]],
    [100, 2, [38, 2]],
    [100, 100, [20, 20]],
    [0, 100, [0, 40]],
    [100, 0, [40, 0]],
  ] as const) {
    const host = [...addresses(ipv4, '192.0.2.'), ...addresses(ipv6, '2001:db8::')];
    const probed = probedAddresses(host, 'br0', new Set());
    const isIpv6 = probed.filter((address) => address.includes(':'));
    assert.deepEqual([probed.length - isIpv6.length, isIpv6.length], due);
  }
});

void test('a link-local address is tried from its own bridge alone, and a spared one from none', () => {
  const host = [
    { interface: 'br0', address: 'fe80::1' },
    { interface: 'br1', address: 'fe80::2' },
    { interface: 'eth0', address: '192.0.2.1' },
  ];
  assert.deepEqual(probedAddresses(host, 'br0', new Set(['192.0.2.1'])), ['fe80::1%eth0']);
});

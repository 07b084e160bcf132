import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DomainError } from './domain-error.ts';
import { ipv6SubnetAt, ipv6SubnetsFrom } from './ipv6-subnet.ts';

describe("an org's IPv6 network", () => {
  it('is the n-th /64 of the prefix', () => {
    assert.equal(ipv6SubnetAt('fd12:3456:789a::/48', 0), 'fd12:3456:789a:0::/64');
    assert.equal(ipv6SubnetAt('fd12:3456:789a::/48', 1), 'fd12:3456:789a:1::/64');
    assert.equal(ipv6SubnetAt('fd12:3456:789a::/48', 65_535), 'fd12:3456:789a:ffff::/64');
  });

  it('starts where a longer prefix starts', () => {
    assert.equal(ipv6SubnetAt('2001:db8:1:ff00::/56', 0), '2001:db8:1:ff00::/64');
    assert.equal(ipv6SubnetAt('2001:db8:1:ff00::/56', 255), '2001:db8:1:ffff::/64');
  });

  it('reads every way in which PostgreSQL shortens a prefix', () => {
    assert.equal(ipv6SubnetAt('fd00::/48', 16), 'fd00:0:0:10::/64');
    assert.equal(ipv6SubnetAt('2001:db8::/48', 10), '2001:db8:0:a::/64');
    assert.equal(ipv6SubnetAt('fd00:0:1::/48', 2), 'fd00:0:1:2::/64');
  });

  it('ends where the prefix ends', () => {
    for (const [prefix, count] of [
      ['fd12:3456:789a::/48', 65_536],
      ['fd00:0:0:ff00::/56', 256],
    ] as const) {
      assert.throws(() => ipv6SubnetAt(prefix, count), DomainError);
      assert.throws(() => ipv6SubnetAt(prefix, -1), DomainError);
    }
  });

  it('is looked for from its number on, once round, but for the first', () => {
    const found: string[] = [];
    assert.throws(() => {
      for (const subnet of ipv6SubnetsFrom('fd00:0:0:ff00::/56', 700)) found.push(subnet);
    }, DomainError);
    // 700 is 190 in the third round of 255.
    assert.equal(found[0], 'fd00:0:0:ffbe::/64');
    assert.deepEqual(
      [found.length, new Set(found).size, found.includes('fd00:0:0:ff00::/64')],
      [255, 255, false],
    );
    const [wide] = ipv6SubnetsFrom('2001:db8::/32', 65_535);
    assert.equal(wide, '2001:db8:0:ffff::/64');
  });

  it('is never given twice', () => {
    const all = new Set<string>();
    for (let number = 0; number < 256; number += 1)
      all.add(ipv6SubnetAt('fd00:0:0:ff00::/56', number));
    assert.equal(all.size, 256);
  });
});

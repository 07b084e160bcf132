import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { addressGroup } from './address-group.ts';

describe('whom an address belongs to', () => {
  it('is the address itself for IPv4, mapped into IPv6 too', () => {
    assert.equal(addressGroup('192.0.2.1'), '192.0.2.1');
    assert.equal(addressGroup('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(addressGroup('::FFFF:192.0.2.1'), '192.0.2.1');
  });

  it('is the /64 for IPv6, however it is written', () => {
    const same = [
      '2001:db8:0:1::1',
      '2001:DB8:0:1:ffff:ffff:ffff:ffff',
      '2001:0db8:0000:0001::',
      '2001:db8::1:0:0:0:9',
    ];
    for (const address of same) assert.equal(addressGroup(address), '2001:db8:0:1::/64', address);
    assert.equal(addressGroup('2001:db8:0:2::1'), '2001:db8:0:2::/64');
    assert.equal(addressGroup('2001:db8::1'), '2001:db8:0:0::/64');
    assert.equal(addressGroup('1:2:3:4:5:6:7:8'), '1:2:3:4::/64');
    assert.equal(addressGroup('::1'), '0:0:0:0::/64');
    assert.equal(addressGroup('::'), '0:0:0:0::/64');
    assert.equal(addressGroup('fe80::1%eth0'), 'fe80:0:0:0::/64');
    assert.equal(addressGroup('64:ff9b::192.0.2.1'), '64:ff9b:0:0::/64');
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ipv6PrefixParse } from './ipv6-prefix-parse.ts';

describe("the operator's IPv6 prefix", () => {
  it('is taken in any form, and kept in the short one', () => {
    for (const [text, short] of [
      ['2001:db8:40::/48', '2001:db8:40::/48'],
      ['2001:0DB8:0040:0:0::/48', '2001:db8:40::/48'],
      ['2a01:4f8:1:2300::/56', '2a01:4f8:1:2300::/56'],
      ['2001:db8::/32', '2001:db8::/32'],
      ['fd12:3456:789a::/48', 'fd12:3456:789a::/48'],
    ] as const) {
      assert.equal(ipv6PrefixParse(text), short);
    }
  });

  const WRONG: readonly (readonly [string, RegExp])[] = [
    ['yes', /^must be an IPv6 prefix, such as 2001:db8:40::\/48, not "yes"$/],
    ['2001:db8:40::/48/8', /^must be an IPv6 prefix/],
    ['2001:db8:40::%eth0/48', /^must be an IPv6 prefix/],
    ['192.0.2.0/24', /^must be IPv6/],
    ['2001:db8:40::', /^must end in its length/],
    ['2001:db8:40::/', /^must end in its length/],
    ['2001:db8:40::/x', /^must end in its length/],
    ['2001:db8:40::/64', /^must be a \/56 or shorter, not a \/64: .* ask your provider for more$/],
    ['2001:db8:40::/57', /^must be a \/56 or shorter/],
    ['2001:db8:40::/200', /^must be a \/56 or shorter/],
    ['2000::/31', /^must be a \/32 or longer/],
    ['2001:db8:40:1::/48', /write 2001:db8:40::\/48 if "2001:db8:40:1::\/48" means that$/],
    ['2001:db8:40::1/48', /write 2001:db8:40::\/48 if/],
    ['2001:db8:40:1ff::/56', /write 2001:db8:40:100::\/56 if/],
    ['::/48', /nobody's to route$/],
    ['::1/48', /nobody's to route$/],
    ['fe80::/48', /nobody's to route$/],
    ['ff02::/48', /nobody's to route$/],
    ['fec0::/48', /nobody's to route$/],
    ['64:ff9b::/48', /nobody's to route$/],
    ['2001::/32', /nobody's to route$/],
    ['2002:c000:204::/48', /nobody's to route$/],
    ['4000::/48', /nobody's to route$/],
  ];
  for (const [text, sentence] of WRONG) {
    it(`is refused: ${text}`, () => {
      assert.throws(() => ipv6PrefixParse(text), { message: sentence });
    });
  }
});

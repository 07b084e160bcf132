import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { base32Encode, totpCode, totpStep, totpStepOf, totpUri } from './totp.ts';

const SECRET = Buffer.from('12345678901234567890');
const at = (seconds: number) => new Date(seconds * 1000);

describe('a code', () => {
  it('is that of RFC 6238, appendix B', () => {
    // The appendix has eight digits: the last six of them.
    for (const [seconds, code] of [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ] as const) {
      assert.equal(totpCode(SECRET, totpStep(at(seconds))), code);
    }
  });

  it('counts for its step and those beside it, and none further off', () => {
    const now = at(1_000_000);
    const current = totpStep(now);
    for (const [off, isTaken] of [
      [-2, false],
      [-1, true],
      [0, true],
      [1, true],
      [2, false],
    ] as const) {
      const code = totpCode(SECRET, current + off);
      assert.equal(totpStepOf(SECRET, code, now, 0), isTaken ? current + off : null);
    }
  });

  it('counts once, and none of an earlier step after it', () => {
    const now = at(1_000_000);
    const current = totpStep(now);
    const [before, here, next] = [-1, 0, 1].map((off) => totpCode(SECRET, current + off));
    assert.equal(totpStepOf(SECRET, here ?? '', now, current), null);
    assert.equal(totpStepOf(SECRET, before ?? '', now, current), null);
    assert.equal(totpStepOf(SECRET, next ?? '', now, current), current + 1);
  });

  it('of another length or with other letters is none', () => {
    for (const code of ['', '12345', '1234567', 'abcdef', '１２３４５６']) {
      assert.equal(totpStepOf(SECRET, code, at(1_000_000), 0), null, code);
    }
  });
});

describe('a secret', () => {
  it('is written as in RFC 4648, section 10', () => {
    for (const [text, written] of [
      ['', ''],
      ['f', 'MY'],
      ['fo', 'MZXQ'],
      ['foo', 'MZXW6'],
      ['foob', 'MZXW6YQ'],
      ['fooba', 'MZXW6YTB'],
      ['foobar', 'MZXW6YTBOI'],
    ] as const) {
      assert.equal(base32Encode(Buffer.from(text)), written);
    }
  });

  it('is in a URI whose account can hold any character', () => {
    const uri = new URL(totpUri(SECRET, 'a+b&c=d@example.com'));
    assert.equal(decodeURIComponent(uri.pathname), '/DollarBox:a+b&c=d@example.com');
    assert.equal(uri.searchParams.get('secret'), base32Encode(SECRET));
    assert.equal(uri.searchParams.get('issuer'), 'DollarBox');
  });
});

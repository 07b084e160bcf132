import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { CANARY, canaryFind, canaryOf } from './canary.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

describe('the canary', () => {
  it('is found in clear, with its surroundings', () => {
    assert.equal(canaryFind(`{"password":"${canaryOf('x')}"}`), `{"password":"x ${CANARY}"}`);
    assert.equal(canaryFind('{"password":"(changed)"}'), null);
    assert.equal(canaryFind(CANARY.slice(1)), null);
  });

  it('is found in hex, base64 and base32, wherever it stands among other bytes', () => {
    for (let before = 0; before < 12; before += 1) {
      for (let after = 0; after < 12; after += 1) {
        const word = Buffer.from(CANARY);
        const bytes = Buffer.concat([randomBytes(before), word, randomBytes(after)]);
        for (const text of [
          bytes.toString('hex'),
          bytes.toString('base64'),
          bytes.toString('base64url'),
          base32(bytes),
        ]) {
          assert.notEqual(canaryFind(`…${text}…`), null, `${before} ${after} ${text}`);
        }
      }
    }
  });
});

/** RFC 4648, in whole numbers. */
function base32(bytes: Buffer): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`) << BigInt((5 - ((bytes.length * 8) % 5)) % 5);
  let text = '';
  for (let count = Math.ceil((bytes.length * 8) / 5); count > 0; count -= 1) {
    text = BASE32[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}

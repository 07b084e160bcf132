import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import { systemRandom } from '../base/system.ts';
import { tokenGenerate, tokenHash, tokenMatches, tokenParse } from './format.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Reads base62 back: the other way round than the code under test. */
function base62Read(text: string): number {
  return [...text].reduce((sum, digit) => sum * 62 + ALPHABET.indexOf(digit), 0);
}

describe('a token', () => {
  it('is dbx_, 12 of public id, _, 34 of secret and 6 of checksum', () => {
    const { token, publicId } = tokenGenerate(systemRandom);
    assert.match(token, /^dbx_[0-9A-Za-z]{12}_[0-9A-Za-z]{40}$/);
    assert.equal(token.slice(4, 16), publicId);
  });

  it('ends in the CRC-32 of all that precedes, in base62', () => {
    for (let round = 0; round < 200; round += 1) {
      const { token } = tokenGenerate(systemRandom);
      assert.equal(base62Read(token.slice(-6)), crc32(token.slice(0, -6)));
    }
  });

  it('has a known form for known chance', () => {
    const { token } = tokenGenerate({ ...systemRandom, base62: (length) => 'a'.repeat(length) });
    assert.equal(token, `dbx_${'a'.repeat(12)}_${'a'.repeat(34)}${token.slice(-6)}`);
    assert.equal(base62Read(token.slice(-6)), crc32(`dbx_${'a'.repeat(12)}_${'a'.repeat(34)}`));
  });

  it('is read back to its public id', () => {
    for (let round = 0; round < 200; round += 1) {
      const { token, publicId } = tokenGenerate(systemRandom);
      assert.equal(tokenParse(token), publicId);
    }
  });

  it('is refused with any one letter changed, wherever it is', () => {
    const { token } = tokenGenerate(systemRandom);
    for (let index = 0; index < token.length; index += 1) {
      for (const letter of ALPHABET) {
        if (letter === token[index]) continue;
        const changed = token.slice(0, index) + letter + token.slice(index + 1);
        assert.equal(tokenParse(changed), null, changed);
      }
    }
  });

  it('is refused with any two neighbours swapped', () => {
    for (let round = 0; round < 50; round += 1) {
      const { token } = tokenGenerate(systemRandom);
      for (let index = 0; index + 1 < token.length; index += 1) {
        if (token[index] === token[index + 1]) continue;
        const [a = '', b = ''] = [token[index], token[index + 1]];
        const swapped = token.slice(0, index) + b + a + token.slice(index + 2);
        assert.equal(tokenParse(swapped), null, swapped);
      }
    }
  });

  it('is refused when cut, lengthened or surrounded', () => {
    const { token } = tokenGenerate(systemRandom);
    const wrong = [
      '',
      'dbx_',
      token.slice(1),
      token.slice(0, -1),
      `${token}a`,
      ` ${token}`,
      `${token}\n`,
    ];
    for (const text of [...wrong, token.toLowerCase(), token.toUpperCase()]) {
      assert.equal(tokenParse(text), null, JSON.stringify(text));
    }
  });
});

describe("a token's hash", () => {
  it('is the SHA-256 of the whole token', () => {
    assert.equal(
      tokenHash('abc').toString('hex'),
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  it('matches its token only', () => {
    const { token, secretHash } = tokenGenerate(systemRandom);
    assert.equal(tokenMatches(token, secretHash), true);
    assert.equal(tokenMatches(tokenGenerate(systemRandom).token, secretHash), false);
    assert.equal(tokenMatches(token, secretHash.subarray(1)), false);
    assert.equal(tokenMatches(token, Buffer.alloc(0)), false);
  });
});

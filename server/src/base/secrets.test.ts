import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { OperatorError } from './errors.ts';
import { secretBoxCreate, secretKeyLoad } from './secrets.ts';

const box = secretBoxCreate('a key for tests only, of no use elsewhere');

describe('a sealed secret', () => {
  it('opens to what was sealed, whatever it was', () => {
    for (const text of ['', 'x', 'a\nb\t"$HOME" \\ 🦊', 'ä'.repeat(70_000)]) {
      assert.equal(box.open('p', box.seal('p', text)), text);
    }
  });

  it('shows nothing of it, nor whether two are equal', () => {
    const sealed = box.seal('p', 'canary-canary-canary');
    assert.equal(sealed.includes('canary'), false);
    assert.notDeepEqual(sealed, box.seal('p', 'canary-canary-canary'));
  });

  it('opens in its own place only', () => {
    assert.throws(() => box.open('q', box.seal('p', 'x')));
  });

  it('opens with its own key only', () => {
    const other = secretBoxCreate('another key for tests only, no use either');
    assert.throws(() => other.open('p', box.seal('p', 'x')));
  });

  it('does not open with any bit changed', () => {
    const sealed = box.seal('p', 'secret');
    for (let index = 0; index < sealed.length * 8; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index >> 3] = (changed[index >> 3] ?? 0) ^ (1 << (index & 7));
      assert.throws(() => box.open('p', changed), `bit ${index}`);
    }
  });

  it('does not open when cut', () => {
    const sealed = box.seal('p', 'secret');
    for (let length = 0; length < sealed.length; length += 1) {
      assert.throws(() => box.open('p', sealed.subarray(0, length)), `${length} bytes`);
    }
  });
});

describe('the key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-secrets-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is SECRET_KEY where that is set', () => {
    const dataDir = join(folder, 'unused');
    assert.equal(secretKeyLoad({ secretKey: 'given', dataDir }), 'given');
    assert.throws(() => statSync(dataDir));
  });

  it('is created once, readable by this user only, and kept', () => {
    const dataDir = join(folder, 'made');
    const key = secretKeyLoad({ secretKey: null, dataDir });
    assert.ok(key.length >= 32);
    assert.equal(secretKeyLoad({ secretKey: null, dataDir }), key);
    assert.equal(statSync(join(dataDir, 'secret-key')).mode & 0o777, 0o600);
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
  });

  it('is not recreated if its file is damaged', () => {
    writeFileSync(join(folder, 'secret-key'), 'half\n');
    assert.throws(() => secretKeyLoad({ secretKey: null, dataDir: folder }), OperatorError);
  });
});

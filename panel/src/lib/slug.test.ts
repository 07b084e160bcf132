import assert from 'node:assert/strict';
import { it } from 'node:test';
import { slugOf } from './slug.ts';

it('makes a slug of any name', () => {
  assert.equal(slugOf('Acme Inc.'), 'acme-inc');
  assert.equal(slugOf('  Übergröße & Söhne '), 'ubergro-e-sohne');
  assert.equal(slugOf('42 is the answer'), 'is-the-answer');
  assert.equal(slugOf('四十二'), '');
  for (const name of ['x'.repeat(60), `${'ab-'.repeat(13)}-----cd`]) {
    assert.match(slugOf(name), /^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/);
  }
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { SLUG_PATTERN } from '../../src/orgs/schema.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { slugChoose, slugOf } from '../../src/accounts/org-slug.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

describe('the slug of a new org', () => {
  it('is derived from its name, and always valid', () => {
    for (const [name, slug] of [
      ['Acme', 'acme'],
      ['Ådas Café & Co.', 'adas-cafe-co'],
      ['42 Boxes', 'boxes'],
      ['--- x ---', 'x'],
      ['東京', 'org'],
      ['</script>', 'script'],
      ['a'.repeat(100), 'a'.repeat(30)],
      [`${'b'.repeat(29)}-c`, 'b'.repeat(29)],
    ] as const) {
      assert.equal(slugOf(name), slug);
      assert.match(slugOf(name), new RegExp(SLUG_PATTERN));
    }
  });

  it('is numbered if it is taken, and never assigned twice', async () => {
    const { db } = harness;
    const choose = () =>
      db.transaction().execute(async (trx) => {
        const slug = await slugChoose(trx, 'Acme');
        await harness.orgAdd({ slug });
        return slug;
      });
    const slugs = await Promise.all(Array.from({ length: 6 }, choose));
    assert.deepEqual(slugs.toSorted(), ['acme', 'acme-2', 'acme-3', 'acme-4', 'acme-5', 'acme-6']);
  });
});

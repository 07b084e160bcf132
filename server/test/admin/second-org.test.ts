import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { adminOn } from '../../src/admin/test-setup.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
  await harness.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
});
after(() => harness.close());

test('the second org announces that each org now has to pull its own images', async () => {
  const owner = 'ada@example.org';
  const admin = adminOn(harness.databaseUrl);
  await admin(['user-create', '--email', owner, '--password', 'correct horse battery']);
  const create = (slug: string) => ['org-create', '--slug', slug, '--name', 'X', '--owner', owner];

  const first = await admin(create('first'));
  assert.equal(first.code, 0, first.err);
  assert.doesNotMatch(first.err, /ALLOWED_LOCAL_IMAGES/);
  const second = await admin([...create('second'), '--json']);
  assert.equal(second.code, 0, second.err);
  assert.match(second.err, /There is a second org now.*ALLOWED_LOCAL_IMAGES/s);
  const third = await admin(create('third'));
  assert.doesNotMatch(third.err, /ALLOWED_LOCAL_IMAGES/);
});

test('it announces nothing if the operator has named the images', async () => {
  const own = await harnessOpen();
  await own.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
  const owner = 'ada@example.org';
  const admin = adminOn(own.databaseUrl, { ALLOWED_LOCAL_IMAGES: 'web:1' });
  await admin(['user-create', '--email', owner, '--password', 'correct horse battery']);
  for (const slug of ['first', 'second']) {
    const made = await admin(['org-create', '--slug', slug, '--name', 'X', '--owner', owner]);
    assert.equal(made.code, 0, made.err);
    assert.doesNotMatch(made.err, /ALLOWED_LOCAL_IMAGES/);
  }
  await own.close();
});

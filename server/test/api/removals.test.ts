import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertContainer, assertError } from '../support/http-client.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

it('a client that creates and deletes faster than the engine removes has to wait, others not', async () => {
  const caller = await harness.callerAdd();
  const limits = { container_limit: 2, removal_limit: 1 };
  await harness.db.updateTable('orgs').set(limits).where('id', '=', caller.org.id).execute();
  const spec = { name: 'web', image: 'nginx:1.27' };
  for (let count = 0; count < 3; count += 1) {
    const { id } = assertContainer(await caller.api.post('/containers/', spec), 201);
    assert.equal((await caller.api.delete(`/containers/${id}/`)).status, 204);
  }
  const refused = await caller.api.post('/containers/', spec);
  assert.deepEqual(assertError(refused, 403, 'quota_exceeded'), {
    resource: 'removals',
    limit: 3,
    current: 3,
  });
  assert.match(refused.body.error?.message ?? '', /still being removed/);

  const other = await harness.callerAdd();
  assertContainer(await other.api.post('/containers/', spec), 201);
  const gone = harness.db.deleteFrom('containers').where('org_id', '=', caller.org.id);
  await gone.where('deleted_at', 'is not', null).execute();
  assertContainer(await caller.api.post('/containers/', spec), 201);
});

it('volumes have a bound of their own', async () => {
  const caller = await harness.callerAdd();
  const limits = { volume_gb_limit: 1, removal_limit: 0 };
  await harness.db.updateTable('orgs').set(limits).where('id', '=', caller.org.id).execute();
  const spec = { name: 'data', size_gb: 1 };
  const made = await caller.api.post('/volumes/', spec);
  assert.equal(made.status, 201, made.text);
  assert.equal((await caller.api.delete(`/volumes/${made.body['id']}/`)).status, 204);
  const refused = await caller.api.post('/volumes/', spec);
  assert.deepEqual(assertError(refused, 403, 'quota_exceeded'), {
    resource: 'removals',
    limit: 1,
    current: 1,
  });
});

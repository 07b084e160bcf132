import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { adminOn } from '../../src/admin/test-setup.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  await caller.api.patch(`/orgs/${caller.org.slug}/`, { kubectl_enabled: true });
});
after(() => harness.close());

test('the operator sees and revokes kubectl credentials', async () => {
  const admin = adminOn(harness.databaseUrl);
  const { id } = (await caller.api.post('/kubectl-credentials/', { name: 'laptop' })).body;
  const list = async () => {
    const { code, out, err } = await admin(['kubectl-list', '--org', caller.org.slug, '--json']);
    assert.equal(code, 0, err);
    return JSON.parse(out) as { id: number; name: string; org: string }[];
  };
  const [shown] = await list();
  assert.deepEqual([shown?.id, shown?.name, shown?.org], [id, 'laptop', caller.org.slug]);
  const { out } = await admin(['kubectl-list']);
  assert.match(out, /^ID +ORG +MEMBER +NAME +ACCOUNT +CREATED +EXPIRES/);
  const revoked = await admin(['kubectl-revoke', '--id', String(id)]);
  assert.equal(revoked.code, 0, revoked.err);
  assert.match(revoked.out, /is revoked\.$/m);
  assert.deepEqual(await list(), []);
  assert.equal((await caller.api.get(`/kubectl-credentials/${id}/`)).status, 404);
  const again = await admin(['kubectl-revoke', '--id', String(id)]);
  assert.match(again.err, /There is no kubectl credential/);
});

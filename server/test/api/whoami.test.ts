import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

test('a token reads whose it is and what it may do', async () => {
  const expiresAt = new Date(harness.clock.now().getTime() + 60_000);
  const options = { scope: 'read' as const, orgId: caller.org.id, expiresAt };
  const restricted = await harness.tokenAdd(caller.userId, options);
  const { email } = await harness.db
    .selectFrom('users')
    .select('email')
    .where('id', '=', caller.userId)
    .executeTakeFirstOrThrow();
  const user = { id: caller.userId, email, name: '' };
  const known = async (token: string) =>
    JSON.parse((await harness.client(token).get('/whoami/')).text) as unknown;
  assert.deepEqual(await known(caller.token), {
    public_id: caller.token.slice(4, 16),
    user,
    org: null,
    scope: 'write',
    expires_at: null,
  });
  assert.deepEqual(await known(restricted), {
    public_id: restricted.slice(4, 16),
    user,
    org: caller.org.slug,
    scope: 'read',
    expires_at: expiresAt.toISOString(),
  });
});

test('a token ends itself, and no other, on every process', async () => {
  const other = await harness.appAdd();
  const token = await harness.tokenAdd(caller.userId, { scope: 'read' });
  // Known to both processes.
  assert.equal((await other.client(token).get('/whoami/')).status, 200);
  assert.equal((await harness.client(token).delete('/whoami/')).status, 204);
  assertError(await harness.client(token).get('/whoami/'), 401, 'authentication_failed');
  assertError(await other.client(token).delete('/whoami/'), 401, 'authentication_failed');
  assert.equal((await caller.api.get('/whoami/')).status, 200);
  const audited = await harness.db
    .selectFrom('audit_log')
    .select(['user_id', 'detail', 'object_kind'])
    .where('action', '=', 'token.revoke')
    .executeTakeFirstOrThrow();
  assert.equal(audited.user_id, caller.userId);
  assert.deepEqual(audited.detail, {
    public_id: token.slice(4, 16),
    name: 'test',
    user_id: caller.userId,
  });
});

test('a token ends itself where the API of its org is off, or the org suspended', async () => {
  for (const set of [{ api_enabled: false }, { status: 'suspended' as const }]) {
    const org = await harness.orgAdd({ ownerId: caller.userId });
    const token = await harness.tokenAdd(caller.userId, { orgId: org.id });
    await harness.db.updateTable('orgs').set(set).where('id', '=', org.id).execute();
    assert.equal((await harness.client(token).get('/whoami/')).status, 200);
    assert.equal((await harness.client(token).delete('/whoami/')).status, 204);
    assert.equal((await harness.client(token).get('/whoami/')).status, 401);
  }
});

test('a precondition that names a version is not met', async () => {
  const api = harness.client(await harness.tokenAdd(caller.userId));
  const named = await api.delete('/whoami/', { 'if-match': '"1.1"' });
  assertError(named, 412, 'precondition_failed');
  assert.equal((await api.delete('/whoami/', { 'if-match': '*' })).status, 204);
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertContainer, assertError, assertVolume } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

async function statusSet(status: 'active' | 'suspended'): Promise<void> {
  await harness.db.updateTable('orgs').set({ status }).where('id', '=', caller.org.id).execute();
}

describe('a suspended org', () => {
  it('can be read and cleared, and not changed otherwise', async () => {
    const { api } = caller;
    const post = () => api.post('/containers/', { name: 'web', image: 'x' });
    const container = `/containers/${assertContainer(await post(), 201).id}/`;
    const made = await api.post('/volumes/', { name: 'data', size_gb: 1 });
    const volume = `/volumes/${assertVolume(made, 201).id}/`;
    await statusSet('suspended');

    const browser = await harness.sessionAdd(caller.userId);
    for (const reply of [
      await api.post('/containers/', { name: 'other', image: 'x' }),
      await api.post('/containers/', { name: 'other', image: 'x' }, { 'idempotency-key': 'k' }),
      await api.post('/containers/', '{broken'),
      await api.patch(container, { image: 'y' }),
      await api.patch('/containers/999999/', { image: 'y' }),
      await api.post('/volumes/', { name: 'more', size_gb: 1 }),
      await browser.post('/api/v1/containers/', { name: 'other', image: 'x' }),
    ]) {
      assertError(reply, 403, 'permission_denied');
      assert.match(reply.text, /suspended/);
    }
    for (const path of ['/containers/', container, '/volumes/', volume, '/orgs/']) {
      assert.equal((await api.get(path)).status, 200, path);
    }
    const org = await api.get(`/orgs/${caller.org.slug}/`);
    assert.equal(org.body.status as string, 'suspended');
    for (const path of [container, volume]) assert.equal((await api.delete(path)).status, 204);

    await statusSet('active');
    assertContainer(await post(), 201);
  });

  it('can be left, and tokens for it can be revoked', async () => {
    const { org } = await harness.callerAdd();
    const userId = await harness.userAdd();
    await harness.memberAdd(org, userId, 'member');
    const member = await harness.db
      .selectFrom('memberships')
      .select('id')
      .where('user_id', '=', userId)
      .executeTakeFirstOrThrow();
    const token = await harness.tokenAdd(userId, { orgId: org.id });
    const browser = await harness.sessionAdd(userId);
    await harness.db
      .updateTable('orgs')
      .set({ status: 'suspended' })
      .where('id', '=', org.id)
      .execute();
    const listed = await browser.get('/api/account/tokens/');
    const [{ public_id: publicId }] = (listed.body as never as { results: { public_id: string }[] })
      .results as [{ public_id: string }];
    assert.equal((await harness.client(token).get('/containers/')).status, 200);
    assert.equal((await browser.delete(`/api/account/tokens/${publicId}/`)).status, 204);
    assertError(await harness.client(token).get('/containers/'), 401, 'authentication_failed');
    assert.equal((await browser.delete(`/api/v1/members/${member.id}/`)).status, 204);
    assertError(await browser.get(`/api/v1/orgs/${org.slug}/`), 404, 'not_found');
  });

  it('refuses a write that began before it was suspended', async () => {
    const { api } = await harness.callerAdd();
    const ids = await Promise.all(
      Array.from({ length: 5 }, (_, n) => api.post('/containers/', { name: `c${n}`, image: 'x' })),
    );
    assert.ok(ids.every(({ status }) => status === 201));
    const waiting = await harness.db.transaction().execute(async (trx) => {
      await trx.updateTable('orgs').set({ status: 'suspended' }).execute();
      const sent = [
        api.post('/volumes/', { name: 'late', size_gb: 1 }),
        api.post('/containers/', { name: 'late', image: 'x' }),
      ];
      // Both wait for the org's row or read its old state. Either way they are refused once it is committed.
      await new Promise(setImmediate);
      return sent;
    });
    const replies = await Promise.all(waiting);
    for (const reply of replies) assertError(reply, 403, 'permission_denied');
    await harness.db.updateTable('orgs').set({ status: 'active' }).execute();
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Role } from '../../src/db/types.ts';
import { memberAdd } from '../../src/members/operations.ts';
import { OPERATOR } from '../../src/changes/actor.ts';
import { type Harness, type TestApp, type TestOrg, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertError, assertFaults } from '../support/http-client.ts';

let harness: Harness;
let other: TestApp;
before(async () => {
  harness = await harnessOpen();
  other = await harness.appAdd();
});
after(() => harness.close());

interface TestMember {
  id: number;
  userId: number;
  path: string;
  api: Client;
  /** The same token, on another process. */
  elsewhere: Client;
}

async function memberMake(org: TestOrg, role: Role): Promise<TestMember> {
  const userId = await harness.userAdd();
  const input = { orgId: org.id, userId, role };
  const id = await harness.db
    .transaction()
    .execute((trx) => memberAdd(trx, OPERATOR, input, harness.deps));
  const token = await harness.tokenAdd(userId);
  return {
    ...{ id, userId, path: `/members/${id}/` },
    ...{ api: harness.client(token), elsewhere: other.client(token) },
  };
}

/** An org whose only owner is `first`. */
async function orgMake(): Promise<{ org: TestOrg; first: TestMember }> {
  const { org, userId, api, token } = await harness.callerAdd();
  const { id } = await harness.db
    .selectFrom('memberships')
    .select('id')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  const elsewhere = other.client(token);
  return { org, first: { id, userId, path: `/members/${id}/`, api, elsewhere } };
}

async function ownersOf(org: TestOrg): Promise<number> {
  const rows = await harness.db
    .selectFrom('memberships')
    .select('id')
    .where('org_id', '=', org.id)
    .where('role', '=', 'owner')
    .execute();
  return rows.length;
}

const statusesOf = (replies: readonly Reply[]) => replies.map(({ status }) => status).toSorted();

describe('members', () => {
  it('are listed newest first, a page at a time, with the filter kept', async () => {
    const { org, first } = await orgMake();
    const made = [first];
    for (let count = 0; count < 4; count += 1) made.push(await memberMake(org, 'member'));
    const one = await first.api.get('/members/?limit=2');
    assert.deepEqual(
      one.body.results?.map(({ id }) => id),
      [made[4]?.id, made[3]?.id],
    );
    const two = await first.api.get(new URL(one.body.next ?? '').search.replace(/^/, '/members/'));
    assert.deepEqual(
      two.body.results?.map(({ id }) => id),
      [made[2]?.id, made[1]?.id],
    );
    assert.equal((await first.api.get('/members/?name=Nobody')).body.results?.length, 0);
    assertFaults(await first.api.get('/members/?role=admin'), ['role']);
  });

  it('show the address as the account has it', async () => {
    const { first, org } = await orgMake();
    const { id, userId } = await memberMake(org, 'admin');
    const email = `Grace.Hopper-${userId}@Example.org`;
    await harness.db
      .updateTable('users')
      .set({ email, name: 'Grace' })
      .where('id', '=', userId)
      .execute();
    const { body, headers } = await first.api.get(`/members/${id}/`);
    const { joined_at: joinedAt, ...rest } = body as Record<string, unknown>;
    const person = { user_id: userId, email, name: 'Grace' };
    assert.deepEqual(rest, { id, org: org.slug, ...person, role: 'admin' });
    assert.match(String(joinedAt), /^\d{4}-.*Z$/);
    await harness.db
      .updateTable('users')
      .set({ name: 'Amazing Grace' })
      .where('id', '=', userId)
      .execute();
    const again = await first.api.get(`/members/${id}/`, { 'if-none-match': headers.etag });
    assert.equal(again.status, 200);
    // What the account itself changed is no lost update.
    const changed = await first.api.patch(
      `/members/${id}/`,
      { role: 'member' },
      { 'if-match': headers.etag },
    );
    assert.equal(changed.status, 200, changed.text);
    const late = await first.api.patch(
      `/members/${id}/`,
      { role: 'admin' },
      { 'if-match': headers.etag },
    );
    assertError(late, 412, 'precondition_failed');
  });

  it('are not changed by a PATCH to the role that they have', async () => {
    const { org, first } = await orgMake();
    const { path } = await memberMake(org, 'member');
    const before = await first.api.get(path);
    const same = await first.api.patch(path, { role: 'member' });
    assert.deepEqual([same.text, same.headers.etag], [before.text, before.headers.etag]);
    assertFaults(await first.api.patch(path, { role: 'king' }), ['role']);
    assertFaults(await first.api.patch(path, {}), ['role']);
    assertFaults(await first.api.patch(path, { role: 'admin', email: 'x@y.z' }), ['email']);
  });
});

/** Every pair of a caller's and a target's role, and what it may change the target to. */
describe('roles', () => {
  const ROLES: readonly Role[] = ['member', 'admin', 'owner'];
  const mayChange = (caller: Role, target: Role, becomes: Role): boolean =>
    caller === 'owner' || (caller === 'admin' && target !== 'owner' && becomes !== 'owner');
  const mayRemove = (caller: Role, target: Role): boolean =>
    caller === 'owner' || (caller === 'admin' && target !== 'owner');

  for (const caller of ROLES) {
    for (const target of ROLES) {
      it(`of ${caller} on ${target}`, async () => {
        const { org } = await orgMake();
        const { api } = await memberMake(org, caller);
        for (const becomes of ROLES) {
          const { path } = await memberMake(org, target);
          const reply = await api.patch(path, { role: becomes });
          if (mayChange(caller, target, becomes)) {
            assert.deepEqual([reply.status, reply.body.role], [200, becomes], reply.text);
          } else {
            const detail = assertError(reply, 403, 'permission_denied');
            const required = caller === 'member' ? 'admin' : 'owner';
            assert.deepEqual(detail, { required_role: required });
          }
        }
        const { path } = await memberMake(org, target);
        const removed = await api.delete(path);
        if (mayRemove(caller, target)) assert.equal(removed.status, 204, removed.text);
        else assertError(removed, 403, 'permission_denied');
      });
    }
    it(`let a ${caller} leave`, async () => {
      const { org } = await orgMake();
      const { api, path } = await memberMake(org, caller);
      assert.equal((await api.delete(path)).status, 204);
      assertError(await api.get(`/members/?org=${org.slug}`), 404, 'not_found');
    });
  }

  it('let an admin step down, and not up', async () => {
    const { org } = await orgMake();
    const { api, path } = await memberMake(org, 'admin');
    assertError(await api.patch(path, { role: 'owner' }), 403, 'permission_denied');
    assert.equal((await api.patch(path, { role: 'member' })).status, 200);
    assertError(await api.patch(path, { role: 'admin' }), 403, 'permission_denied');
  });
});

describe('the last owner', () => {
  it('stays, until there is another one who can sign in', async () => {
    const { org, first } = await orgMake();
    const { path, api } = first;
    assertError(await api.patch(path, { role: 'member' }), 409, 'conflict');
    assertError(await api.delete(path), 409, 'conflict');
    const second = await memberMake(org, 'owner');
    await harness.db
      .updateTable('users')
      .set({ disabled_at: harness.clock.now() })
      .where('id', '=', second.userId)
      .execute();
    assertError(await api.delete(path), 409, 'conflict');
    await memberMake(org, 'owner');
    assert.equal((await api.delete(path)).status, 204);
    assert.equal(await ownersOf(org), 2);
  });

  it('is one of two who demote each other at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { org, first } = await orgMake();
      const second = await memberMake(org, 'owner');
      const replies = await Promise.all([
        first.api.patch(second.path, { role: 'member' }),
        second.elsewhere.patch(first.path, { role: 'member' }),
      ]);
      // The one who came second is no longer an owner.
      assert.deepEqual(statusesOf(replies), [200, 403], replies[0]?.text);
      assert.equal(await ownersOf(org), 1);
    }
  });

  it('is one of two who leave at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { org, first } = await orgMake();
      const second = await memberMake(org, 'owner');
      const replies = await Promise.all([
        first.api.delete(first.path),
        second.elsewhere.delete(second.path),
      ]);
      assert.deepEqual(statusesOf(replies), [204, 409]);
      assert.equal(await ownersOf(org), 1);
    }
  });

  it('is found by many who change and remove each other without a pause', async () => {
    const { org, first } = await orgMake();
    const owners = [first];
    for (let count = 0; count < 5; count += 1) owners.push(await memberMake(org, 'owner'));
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const by = owners[index % owners.length] ?? first;
        const on = owners[(index * 7 + 1) % owners.length] ?? first;
        const api = index % 2 === 0 ? by.api : by.elsewhere;
        if (index % 3 === 0) return api.delete(on.path, { 'x-dollarbox-org': org.slug });
        const role = index % 3 === 1 ? 'member' : 'owner';
        return api.patch(on.path, { role }, { 'x-dollarbox-org': org.slug });
      }),
    );
    for (const { status, text } of replies) {
      assert.ok([200, 204, 400, 403, 404, 409].includes(status), text);
    }
    assert.ok((await ownersOf(org)) >= 1);
  });
});

describe('at once', () => {
  it('a removed member is out, on every process, with the tokens of the org alone', async () => {
    const { org, first } = await orgMake();
    const member = await memberMake(org, 'member');
    const elsewhereOrg = await harness.orgAdd({ ownerId: member.userId });
    const restricted = await harness.tokenAdd(member.userId, { orgId: org.id });
    const session = await harness.sessionAdd(member.userId);
    const list = `/containers/?org=${org.slug}`;
    for (const api of [member.api, member.elsewhere, harness.client(restricted)]) {
      assert.equal((await api.get(list)).status, 200);
    }
    assert.equal((await first.api.delete(member.path)).status, 204);
    for (const api of [member.api, member.elsewhere]) {
      assertError(await api.get(list), 404, 'not_found');
      assert.equal((await api.get(`/containers/?org=${elsewhereOrg.slug}`)).status, 200);
    }
    for (const app of [harness, other]) {
      assertError(await app.client(restricted).get('/orgs/'), 401, 'authentication_failed');
    }
    assert.equal((await session.get(`/api/v1${list}`)).status, 404);
    assert.equal((await session.get('/api/v1/orgs/')).status, 200);
    // Coming back does not bring the token back.
    await harness.memberAdd(org, member.userId, 'member');
    assertError(await harness.client(restricted).get('/orgs/'), 401, 'authentication_failed');
  });

  it('a lowered role holds, also for a write in flight', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { org, first } = await orgMake();
      const admin = await memberMake(org, 'admin');
      const path = `/orgs/${org.slug}/`;
      const [demoted, ...writes] = await Promise.all([
        first.api.patch(admin.path, { role: 'member' }),
        ...Array.from({ length: 6 }, (_, index) =>
          (index % 2 === 0 ? admin.api : admin.elsewhere).patch(path, { name: `n${index}` }),
        ),
      ]);
      assert.equal(demoted.status, 200, demoted.text);
      for (const write of writes) assert.ok([200, 403].includes(write.status), write.text);
      const rows = await harness.db
        .selectFrom('audit_log')
        .select('action')
        .where('org_id', '=', org.id)
        .orderBy('id')
        .execute();
      // Nothing of the admin's was committed after the change of the role.
      assert.equal(rows.at(-1)?.action, 'member.update');
      for (const api of [admin.api, admin.elsewhere]) {
        assertError(await api.patch(path, { name: 'late' }), 403, 'permission_denied');
      }
    }
  });
});

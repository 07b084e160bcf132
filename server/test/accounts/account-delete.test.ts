import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { type Harness, harnessOpen } from '../support/harness.ts';
import type { Trx } from '../../src/db/database.ts';
import { type Reply, assertContainer, assertError, assertFaults } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  isIn,
  linkTo,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';
import { userRowDisable } from '../../src/users/store.ts';
import { userWritesEnd } from '../../src/users/write-lock.ts';
import { accountShow } from '../../src/accounts/account-store.ts';
import { passkeyInsert } from '../../src/accounts/passkey-store.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

/** Every table that has rows of a user, and whether they are deleted automatically. A new table must be added here. */
const TABLES_OF_USERS = {
  client_logins: 'cascades',
  idempotency_keys: 'deleted',
  invitations: 'emptied',
  memberships: 'deleted',
  one_time_tokens: 'cascades',
  passkeys: 'cascades',
  sessions: 'deleted',
  tokens: 'deleted',
  two_factors: 'cascades',
};

async function idsLeft(userId: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from users where id = ${userId})::int
      + (select count(*) from sessions where user_id = ${userId})::int
      + (select count(*) from tokens where user_id = ${userId})::int
      + (select count(*) from two_factors where user_id = ${userId})::int
      + (select count(*) from memberships where user_id = ${userId})::int as count`.execute(
    harness.db,
  );
  return rows[0]?.count ?? -1;
}

describe('deleting an account', () => {
  it('deletes everything that belongs to it, and its org if that is empty', async () => {
    const { browser, email, userId, org } = await personAdd(harness);
    const other = await harness.sessionAdd(userId);
    const token = await harness.tokenAdd(userId);
    await harness.tokenAdd(userId, { orgId: org.id });
    await twoFactorTurnOn(harness, browser);
    await harness.client(token).get('/containers/');
    await harness.deps.usage.flush();
    bodyOf(await browser.delete(`${ACCOUNT}/`, {}), 204);
    assert.equal(browser.cookies.size, 0);
    assert.equal(await isIn(other), false);
    assertError(await harness.client(token).get('/containers/'), 401, 'authentication_failed');
    assertError(await signIn(harness.browser(), email), 401, 'authentication_failed');
    assert.equal(await idsLeft(userId), 0);
    const orgs = await harness.db
      .selectFrom('orgs')
      .select('id')
      .where('id', '=', org.id)
      .execute();
    assert.deepEqual(orgs, []);
    const audit = await harness.db
      .selectFrom('audit_log')
      .select('action')
      .where('user_id', '=', userId)
      .where('action', '=', 'user.delete')
      .execute();
    assert.equal(audit.length, 1, 'that it was there stays known');
  });

  it('is refused to the last owner of an org that is not empty, until it is empty', async () => {
    const { browser, org, userId } = await personAdd(harness);
    const made = await browser.post('/api/v1/containers/', { name: 'web', image: 'x' });
    const { id } = assertContainer(made, 201);
    const refused = await browser.delete(`${ACCOUNT}/`);
    assert.deepEqual(assertError(refused, 409, 'conflict'), { orgs: [org.slug] });
    bodyOf(await browser.delete(`/api/v1/containers/${id}/`), 204);
    // The engine has not confirmed the deletion yet.
    assertError(await browser.delete(`${ACCOUNT}/`), 409, 'conflict');
    assert.equal(await isIn(browser), true);
    await harness.db.deleteFrom('containers').where('id', '=', id).execute();
    bodyOf(await browser.delete(`${ACCOUNT}/`), 204);
    assert.equal(await idsLeft(userId), 0);
  });

  it('is refused to the last owner of an org with others in it, until one of them is an owner', async () => {
    const { browser, org } = await personAdd(harness);
    const memberId = await harness.userAdd();
    await harness.memberAdd(org, memberId, 'admin');
    const refused = await browser.delete(`${ACCOUNT}/`);
    assertError(refused, 409, 'conflict');
    assert.match(refused.text, /make someone else an owner/);
    await harness.db
      .updateTable('memberships')
      .set({ role: 'owner' })
      .where('user_id', '=', memberId)
      .execute();
    bodyOf(await browser.delete(`${ACCOUNT}/`), 204);
    const left = await harness.db
      .selectFrom('memberships')
      .select('user_id')
      .where('org_id', '=', org.id)
      .execute();
    assert.deepEqual(left, [{ user_id: memberId }]);
  });

  it('is refused if the only other owner is disabled', async () => {
    const { browser, org } = await personAdd(harness);
    const otherId = await harness.userAdd();
    await harness.memberAdd(org, otherId, 'owner');
    await userRowDisable(harness.db, otherId, harness.clock.now());
    assertError(await browser.delete(`${ACCOUNT}/`), 409, 'conflict');
  });

  it('by two owners at once leaves no org without an owner', async () => {
    for (let round = 0; round < 10; round += 1) {
      const one = await personAdd(harness);
      const two = await personAdd(harness);
      await harness.memberAdd(one.org, two.userId, 'owner');
      await harness.memberAdd(one.org, await harness.userAdd(), 'member');
      const replies = await Promise.all(
        [one, two].map(({ browser }) => browser.delete(`${ACCOUNT}/`)),
      );
      assert.deepEqual(replies.map(({ status }) => status).toSorted(), [204, 409]);
      const owners = await harness.db
        .selectFrom('memberships')
        .select('user_id')
        .where('org_id', '=', one.org.id)
        .where('role', '=', 'owner')
        .execute();
      assert.equal(owners.length, 1);
    }
  });

  it('while the other owner leaves, steps down or is demoted leaves no org without an owner', async () => {
    const changes = ['leaves', 'steps down', 'is demoted'] as const;
    for (let round = 0; round < 12; round += 1) {
      const what = changes[round % changes.length] ?? 'leaves';
      const one = await personAdd(harness);
      const two = await personAdd(harness);
      await harness.memberAdd(one.org, two.userId, 'owner');
      await harness.memberAdd(one.org, await harness.userAdd(), 'member');
      const { id } = await harness.db
        .selectFrom('memberships')
        .select('id')
        .where('org_id', '=', one.org.id)
        .where('user_id', '=', two.userId)
        .executeTakeFirstOrThrow();
      const by = harness.client(await harness.tokenAdd((what === 'is demoted' ? one : two).userId));
      const path = `/members/${id}/?org=${one.org.slug}`;
      const [deleted, changed] = await Promise.all([
        one.browser.delete(`${ACCOUNT}/`),
        what === 'leaves' ? by.delete(path) : by.patch(path, { role: 'member' }),
      ]);
      const isDeleted = deleted.status === 204;
      const told = `${what}: ${deleted.text} ${changed.text}`;
      if (!isDeleted) assertError(deleted, 409, 'conflict');
      if (!isDeleted) assert.ok(changed.status < 300, told);
      // Who comes second is the last owner, or has no token any more.
      if (isDeleted) assert.ok([401, 409].includes(changed.status), told);
      const owners = await harness.db
        .selectFrom('memberships')
        .select('user_id')
        .where('org_id', '=', one.org.id)
        .where('role', '=', 'owner')
        .execute();
      assert.deepEqual(
        owners.map(({ user_id: userId }) => userId),
        [isDeleted ? two.userId : one.userId],
      );
    }
  });
});

describe('a request in progress while its account is deleted', () => {
  /**
   * Sends a request of a person whose account is deleted once the request has been admitted.
   * @param lock takes what the request needs next.
   */
  async function overtaken(
    userId: number,
    send: () => Promise<Reply>,
    lock: (trx: Trx) => Promise<unknown>,
  ): Promise<Reply> {
    let reply: Promise<Reply> | undefined;
    await harness.db.transaction().execute(async (trx) => {
      await lock(trx);
      reply = send();
      await lockWait();
      for (const table of ['tokens', 'memberships', 'sessions'] as const) {
        await trx.deleteFrom(table).where('user_id', '=', userId).execute();
      }
      await trx.deleteFrom('users').where('id', '=', userId).execute();
    });
    return reply ?? assert.fail('not sent');
  }

  /** Waits until a statement waits for a lock. */
  async function lockWait(): Promise<void> {
    for (;;) {
      const { rows } = await sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(harness.db);
      if (rows.length > 0) return;
    }
  }

  const tableLock = (name: string) => (trx: Trx) =>
    sql`lock table ${sql.table(name)} in access exclusive mode`.execute(trx);
  const writesLock = (userId: number) => (trx: Trx) =>
    trx.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')).execute();

  after(() => assert.ok(!harness.logText().includes('"level":50'), 'an error was logged'));

  it('is no longer signed in: reading the account', async () => {
    const session = { provenAt: harness.clock.now() };
    await assert.rejects(accountShow(harness.deps, harness.db, 2 ** 30, session), {
      code: 'authentication_failed',
      headers: { 'www-authenticate': 'Session' },
    });
  });

  it('is no longer signed in: proving the password', async () => {
    const { browser, userId } = await personAdd(harness);
    const body = { password: PASSWORD };
    const send = () => browser.post(`${ACCOUNT}/reauthentication/`, body);
    const reply = await overtaken(userId, send, tableLock('attempts'));
    assertError(reply, 401, 'authentication_failed');
  });

  it('is no longer signed in: requesting the options of a passkey', async () => {
    const { browser, userId } = await personAdd(harness);
    await passkeyInsert(
      harness.db,
      userId,
      'Key',
      { credentialId: 'AA', publicKey: Buffer.from('x'), counter: 0, transports: [] },
      harness.clock.now(),
    );
    const send = () => browser.post(`${ACCOUNT}/reauthentication/passkey-options/`);
    const reply = await overtaken(userId, send, async (trx) => {
      await writesLock(userId)(trx);
      await tableLock('one_time_tokens')(trx);
    });
    assertError(reply, 401, 'authentication_failed');
  });

  it('has an expired link: setting a new password', async () => {
    const { email, userId } = await personAdd(harness);
    bodyOf(await harness.browser().post(`${ACCOUNT}/password-reset/`, { email }), 202);
    const token = await linkTo(harness, email, '/reset-password');
    const body = { token, password: 'quite another sentence' };
    const send = () => harness.browser().post(`${ACCOUNT}/password-reset/confirm/`, body);
    const reply = await overtaken(userId, send, tableLock('users'));
    assert.deepEqual(Object.keys(assertFaults(reply, ['token'])), ['token']);
  });

  it('has no valid token or session: writing', async () => {
    for (const headers of [{}, { 'idempotency-key': 'k' }]) {
      const { api, userId } = await harness.callerAdd();
      const send = () => api.post('/containers/', { name: 'web', image: 'x' }, headers);
      const reply = await overtaken(userId, send, writesLock(userId));
      assertError(reply, 401, 'authentication_failed');
    }
    const { browser, userId } = await personAdd(harness);
    const send = () => browser.post('/api/v1/volumes/', { name: 'data', size_gb: 1 });
    assertError(await overtaken(userId, send, writesLock(userId)), 401, 'authentication_failed');
  });

  it('finds no org after it was only removed from the org', async () => {
    const { api, userId } = await harness.callerAdd();
    const leaving = harness.db.transaction().execute(async (trx) => {
      await writesLock(userId)(trx);
      const reply = api.post('/containers/', { name: 'web', image: 'x' });
      await lockWait();
      await trx.deleteFrom('memberships').where('user_id', '=', userId).execute();
      return { reply };
    });
    assertError(await (await leaving).reply, 404, 'not_found');
  });
});

it('every reference to a user is handled when the user is deleted', async () => {
  const { rows } = await sql<{ table: string; rule: string }>`
    select conrelid::regclass::text as "table",
      case confdeltype when 'c' then 'cascades' when 'n' then 'emptied' else 'deleted' end as rule
    from pg_constraint where contype = 'f' and confrelid = 'users'::regclass
    order by 1`.execute(harness.db);
  const found = Object.fromEntries(rows.map(({ table, rule }) => [table, rule]));
  assert.deepEqual(found, TABLES_OF_USERS);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Container } from '../../src/containers/schema.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import { adminOn } from '../../src/admin/test-setup.ts';

const WRITERS = 16;
const ACCEPTED_BEFORE = 100;

let harness: Harness;
let apps: [TestApp, TestApp];
let admin: ReturnType<typeof adminOn>;

before(async () => {
  harness = await harnessOpen();
  apps = [harness, await harness.appAdd()];
  admin = adminOn(harness.databaseUrl);
});
after(() => harness.close());

/** The commands that revoke a caller's access. */
const REVOCATIONS: readonly { name: string; args(caller: TestCaller): Promise<string[]> }[] = [
  {
    name: 'token-revoke',
    args: async ({ token }) => ['token-revoke', '--token', token.slice(4, 16)],
  },
  {
    name: 'user-disable',
    async args({ userId }) {
      const { email } = await harness.db
        .selectFrom('users')
        .select('email')
        .where('id', '=', userId)
        .executeTakeFirstOrThrow();
      return ['user-disable', '--user', email];
    },
  },
];

async function containerMake(caller: TestCaller): Promise<{ id: number; path: string }> {
  const made = await caller.api.post('/containers/', { name: 'web', image: 'nginx:1.27' });
  assert.equal(made.status, 201, made.text);
  const { id } = made.body as Container;
  return { id, path: `/containers/${id}/` };
}

async function generationOf(id: number): Promise<number> {
  const row = await harness.db
    .selectFrom('containers')
    .select('generation')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.generation;
}

async function poll(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5);
}

/** Whether another session of this database waits for a lock while it runs a statement like this. */
async function isWaiting(statement: string): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()
      and wait_event_type = 'Lock' and query like ${statement}`.execute(harness.db);
  return (rows[0]?.count ?? 0) > 0;
}

for (const { name, args } of REVOCATIONS) {
  test(`${name}: the next request is refused on every process, and nothing slips in afterwards`, async () => {
    const caller = await harness.callerAdd();
    const { id, path } = await containerMake(caller);
    const command = await args(caller);
    let sent = 0;
    let accepted = 0;
    let returned = false;
    const acceptedLate: number[] = [];
    const refusals: number[] = [];

    async function write(app: TestApp): Promise<void> {
      const api = app.client(caller.token);
      for (;;) {
        const wasReturned = returned;
        const reply = await api.patch(path, { env: { N: String((sent += 1)) } });
        if (reply.status !== 200) {
          refusals.push(reply.status);
          return;
        }
        accepted += 1;
        if (wasReturned) acceptedLate.push(sent);
      }
    }

    const writers = Array.from({ length: WRITERS }, (_, index) =>
      write(apps[(index % 2) as 0 | 1]),
    );
    await poll(async () => accepted >= ACCEPTED_BEFORE);
    const reply = await admin(command);
    returned = true;
    const generationThen = await generationOf(id);
    assert.equal(reply.code, 0, reply.err);

    for (const app of apps) {
      const api = app.client(caller.token);
      assert.equal((await api.get(path)).status, 401);
      assert.equal((await api.patch(path, { env: {} })).status, 401);
    }
    await Promise.all(writers);
    assert.deepEqual(acceptedLate, []);
    assert.deepEqual(refusals, Array<number>(WRITERS).fill(401));
    assert.equal(await generationOf(id), generationThen);
  });

  test(`${name}: waits for a write that has begun`, async () => {
    const caller = await harness.callerAdd();
    const { id, path } = await containerMake(caller);
    const command = await args(caller);
    const { writing, revoking } = await harness.db.transaction().execute(async (trx) => {
      // Holds the write in the middle of its transaction, after it has checked the caller.
      await trx.selectFrom('containers').select('id').where('id', '=', id).forUpdate().execute();
      const writing = caller.api.patch(path, { env: { A: 'b' } });
      await poll(() => isWaiting('%"containers"%for update%'));
      const revoking = admin(command);
      await poll(() => isWaiting('%pg_advisory_xact_lock(%'));
      return { writing, revoking };
    });
    const [written, revoked] = await Promise.all([writing, revoking]);
    assert.equal(written.status, 200, written.text);
    assert.equal(revoked.code, 0, revoked.err);
    assert.equal(await generationOf(id), 2);
    assert.equal((await caller.api.patch(path, { env: {} })).status, 401);
    assert.equal(await generationOf(id), 2);
  });
}

test('a disabled account loses all of its tokens, and no other account does', async () => {
  const caller = await harness.callerAdd();
  const second = await harness.tokenAdd(caller.userId, { scope: 'read' });
  const other = await harness.callerAdd();
  await harness.memberAdd(caller.org, other.userId, 'member');
  const disable = REVOCATIONS.find(({ name }) => name === 'user-disable');
  assert.ok(disable);
  assert.equal((await admin(await disable.args(caller))).code, 0);
  for (const token of [caller.token, second]) {
    assert.equal((await harness.client(token).get('/orgs/')).status, 401);
  }
  const path = `/orgs/${caller.org.slug}/`;
  assert.equal((await other.api.get(path)).status, 200);
});

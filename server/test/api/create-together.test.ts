import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertContainer, assertError } from '../support/http-client.ts';

let harness: Harness;
let callers: TestCaller[];
before(async () => {
  harness = await harnessOpen();
  callers = await Promise.all(Array.from({ length: 6 }, () => harness.callerAdd()));
});
after(() => harness.close());

let serial = 0;
const create = ({ api }: TestCaller, body: object = {}): Promise<Reply> =>
  api.post('/containers/', { name: `c${(serial += 1)}`, image: 'app:1', ...body });

function caller(index: number): TestCaller {
  const found = callers[index];
  assert.ok(found);
  return found;
}

async function statementsSent(): Promise<number> {
  return (await harness.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
}

const audited = () =>
  harness.db
    .selectFrom('audit_log')
    .select(['org_id', 'user_id', 'request_id', 'object_id', 'detail'])
    .where('action', '=', 'container.create')
    .execute();

describe('creates that come together', () => {
  it('share statements, and each creates what its caller requested in its org', async () => {
    const bodies = callers.flatMap((_, index) => [
      { env: { N: String(index), TEXT: 'ü "quoted" \\ \n🚢' }, command: ['sh', '-c', '$X'] },
      { ports: [80, 8080 + index] },
      { command: Array.from({ length: index }, (__, n) => `word ${n}`) },
    ]);
    // Connections are opened one after the other; at this point all are open.
    await Promise.all(bodies.map((_, index) => caller(index % 6).api.get('/containers/')));
    const before = await statementsSent();
    const replies = await Promise.all(
      bodies.map((body, index) => create(caller(Math.floor(index / 3)), body)),
    );
    const statements = (await statementsSent()) - before;
    assert.ok(statements < bodies.length, `${statements} statements for ${bodies.length} creates`);
    const told = await audited();
    for (const [index, reply] of replies.entries()) {
      const { org, userId, api } = caller(Math.floor(index / 3));
      const made = assertContainer(reply, 201);
      assert.equal(made.org, org.slug);
      for (const [field, value] of Object.entries(bodies[index] ?? {})) {
        assert.deepEqual((made as Record<string, unknown>)[field], value);
      }
      assert.equal((await api.get(`/containers/${made.id}/`)).text, reply.text);
      assert.deepEqual(
        told.filter(({ object_id: id }) => id === made.id),
        [
          {
            ...{ org_id: org.id, user_id: userId, object_id: made.id },
            request_id: reply.headers['x-request-id'],
            detail: { name: made.name },
          },
        ],
      );
    }
  });

  it('do not wait for an org that another transaction has locked', async () => {
    const [held, free] = [caller(0), caller(1)];
    const holding = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const holder = harness.db.transaction().execute(async (trx) => {
      await trx.selectFrom('orgs').select('id').where('id', '=', held.org.id).forUpdate().execute();
      holding.resolve();
      await release.promise;
    });
    await holding.promise;
    let isHeldAnswered = false;
    const waiting = create(held).finally(() => (isHeldAnswered = true));
    const replies = await Promise.all(Array.from({ length: 5 }, () => create(free)));
    for (const reply of replies) assertContainer(reply, 201);
    assert.ok(!isHeldAnswered);
    release.resolve();
    await holder;
    assertContainer(await waiting, 201);
  });

  it('stay within an org’s quota, and report it to the others', async () => {
    const few = await harness.callerAdd({ containerLimit: 3 });
    const replies = await Promise.all([
      ...Array.from({ length: 8 }, () => create(few)),
      ...callers.map((each) => create(each)),
    ]);
    const ours = replies.slice(0, 8);
    assert.equal(ours.filter(({ status }) => status === 201).length, 3);
    for (const reply of ours) if (reply.status !== 201) assertError(reply, 403, 'quota_exceeded');
    for (const reply of replies.slice(8)) assertContainer(reply, 201);
  });

  it('give a name to one of those that want it, without a gap in the quota', async () => {
    const few = await harness.callerAdd({ containerLimit: 2 });
    const replies = await Promise.all([
      ...Array.from({ length: 6 }, () => create(few, { name: 'web' })),
      create(few, { name: 'other' }),
    ]);
    const made = replies.filter(({ status }) => status === 201).map(({ body }) => body.name);
    assert.deepEqual(made.toSorted(), ['other', 'web']);
    for (const reply of replies) if (reply.status !== 201) assertError(reply, 409, 'conflict');
  });

  it('are refused only to callers without permission', async () => {
    const [revoked, disabled, expired] = await Promise.all([
      harness.callerAdd(),
      harness.callerAdd(),
      harness.callerAdd(),
    ]);
    const expiring = await harness.tokenAdd(expired.userId, {
      expiresAt: new Date(harness.clock.now().getTime() + 1000),
    });
    const late = { ...expired, api: harness.client(expiring) };
    const now = harness.clock.now();
    // Nothing may slip in between the check of the token and the write. Here all of it happens before both.
    await harness.db
      .updateTable('tokens')
      .set({ revoked_at: now })
      .where('user_id', '=', revoked.userId)
      .execute();
    await harness.db
      .updateTable('users')
      .set({ disabled_at: now })
      .where('id', '=', disabled.userId)
      .execute();
    harness.clock.advance(1000);
    const replies = await Promise.all(
      [revoked, disabled, late, ...callers].map((each) => create(each)),
    );
    for (const reply of replies.slice(0, 3)) assertError(reply, 401, 'authentication_failed');
    for (const reply of replies.slice(3)) assertContainer(reply, 201);
  });
});

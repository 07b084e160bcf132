import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ApiError } from '../../src/base/errors.ts';
import type { Call } from '../../src/http/route.ts';
import { type WriteLocks, writeRun } from '../../src/http/write.ts';
import { usersWritesEnd } from '../../src/users/write-lock.ts';
import { type Harness, type TestOrg, harnessOpen } from '../support/harness.ts';

let harness: Harness;
let org: TestOrg;
before(async () => {
  harness = await harnessOpen();
  org = await harness.orgAdd();
});
after(() => harness.close());

/** A request of this user in the org, after the checks that come before its transaction. */
async function callOf(userId: number): Promise<Call> {
  const publicId = (await harness.tokenAdd(userId)).slice(4, 16);
  const { id: tokenId } = await harness.db
    .selectFrom('tokens')
    .select('id')
    .where('public_id', '=', publicId)
    .executeTakeFirstOrThrow();
  const membership = {
    orgId: org.id,
    slug: org.slug,
    role: 'owner',
    apiEnabled: true,
    isSuspended: false,
  } as const;
  const memberships = [membership];
  const principal = {
    tokenId,
    sessionId: null,
    provenAt: null,
    userId,
    tokenOrgId: null,
    memberships,
  };
  return {
    action: 'container.update',
    principal: { ...principal, scope: 'write' },
    orgs: memberships,
    params: {},
    body: {},
    query: {},
    requestId: 'r',
    request: { method: 'PATCH', headers: {} } as unknown as Call['request'],
  };
}

async function ownerAdd(): Promise<number> {
  const userId = await harness.userAdd();
  await harness.memberAdd(org, userId, 'owner');
  return userId;
}

const write = (call: Call, locks: WriteLocks, run: () => Promise<void> = async () => {}) =>
  writeRun(harness.deps, call, locks, async () => {
    await run();
    return { status: 204 };
  });

describe('the locks of a write', () => {
  it('let two owners act on each other at once, with and without the lock of their org', async () => {
    const [one, two] = [await ownerAdd(), await ownerAdd()];
    const [ofOne, ofTwo] = [await callOf(one), await callOf(two)];
    for (const own of [{}, { org: true }] as const) {
      const on = (userId: number): WriteLocks => ({ ...own, users: async () => [userId] });
      const writes = Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0 ? write(ofOne, on(two)) : write(ofTwo, on(one)),
      );
      // A deadlock would reject one of them.
      for (const { status } of await Promise.all(writes)) assert.equal(status, 204);
    }
  });

  it('let the others of an org write while two owners act on each other', async () => {
    const [one, two] = [await ownerAdd(), await ownerAdd()];
    const [ofOne, ofTwo] = [await callOf(one), await callOf(two)];
    const apis = [await harness.tokenAdd(one), await harness.tokenAdd(two)].map(harness.client);
    const writes = Array.from({ length: 60 }, async (_, index) => {
      if (index % 3 === 0) return write(ofOne, { org: true, users: async () => [two] });
      if (index % 3 === 1) return write(ofTwo, { org: true, users: async () => [one] });
      const body = { name: `c${index}`, image: 'x' };
      return apis[index % 2]?.post('/containers/', body, { 'x-dollarbox-org': org.slug });
    });
    for (const reply of await Promise.all(writes)) {
      assert.ok(reply !== undefined && reply.status < 300, JSON.stringify(reply));
    }
  });

  it('wait for the other user’s writes in progress, and hold back their next ones', async () => {
    const [one, two] = [await ownerAdd(), await ownerAdd()];
    const [ofOne, ofTwo] = [await callOf(one), await callOf(two)];
    const order: string[] = [];
    const begun = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const underWay = write(ofTwo, {}, async () => {
      begun.resolve();
      await release.promise;
      order.push('under way');
    });
    await begun.promise;
    const ending = write(ofOne, { users: async () => [two] }, async () => {
      order.push('ending');
      await harness.db.deleteFrom('memberships').where('user_id', '=', two).execute();
    }).catch((error: unknown) => error);
    await waiting();
    const next = write(ofTwo, {}, async () => void order.push('next')).catch(
      (error: unknown) => error,
    );
    release.resolve();
    await underWay;
    // The membership is deleted on another connection, which does not wait: `ending` does not lock the row.
    assert.deepEqual(await ending, { status: 204 });
    assert.equal(((await next) as ApiError).code, 'not_found');
    assert.deepEqual(order, ['under way', 'ending']);
  });

  for (const [what, change, code] of [
    ['its API was turned off', { api_enabled: false }, 'api_disabled'],
    ['it was suspended', { status: 'suspended' }, 'permission_denied'],
  ] as const) {
    it(`show what has become of the org while a write waited: ${what}`, async () => {
      const user = await ownerAdd();
      const call = await callOf(user);
      const late = Promise.withResolvers<unknown>();
      await harness.db.transaction().execute(async (trx) => {
        await usersWritesEnd(trx, [user]);
        await trx.updateTable('orgs').set(change).where('id', '=', org.id).execute();
        late.resolve(write(call, {}).catch((error: unknown) => error));
        await waiting();
      });
      const refused = await late.promise;
      const undone = { api_enabled: true, status: 'active' } as const;
      await harness.db.updateTable('orgs').set(undone).where('id', '=', org.id).execute();
      assert.equal((refused as ApiError).code, code);
    });
  }
});

/** Waits until some transaction waits for an advisory lock. */
async function waiting(): Promise<void> {
  for (;;) {
    const row = await harness.db
      .selectFrom('pg_stat_activity' as never)
      .select('pid' as never)
      .where('wait_event' as never, '=', 'advisory' as never)
      .where('datname' as never, '=', new URL(harness.databaseUrl).pathname.slice(1) as never)
      .executeTakeFirst();
    if (row !== undefined) return;
  }
}

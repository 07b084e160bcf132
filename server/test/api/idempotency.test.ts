import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  type Reply,
  assertContainer,
  assertError,
  assertFaults,
} from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
let api: Client;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

const HOUR_MS = 3_600_000;
const WEB = { name: 'web', image: 'nginx:1.27' };
const keyed = (key: string) => ({ 'idempotency-key': key });
const isReplay = (reply: Reply): boolean => reply.headers['idempotency-replayed'] === 'true';

async function count(client: Client): Promise<number> {
  return (await client.get('/containers/?limit=200')).body.results?.length ?? -1;
}

/** A separate caller for each test, because keys are per user and org. */
function test(name: string, run: () => Promise<void>): void {
  it(name, async () => {
    caller = await harness.callerAdd();
    api = caller.api;
    await run();
  });
}

describe('the same key with the same request', () => {
  test('is answered with the first reply again', async () => {
    const first = await api.post('/containers/', WEB, keyed('k'));
    assertContainer(first, 201);
    assert.equal(isReplay(first), false);
    harness.clock.advance(1000);
    const again = await api.post('/containers/', WEB, keyed('k'));
    assert.deepEqual([again.status, again.text, isReplay(again)], [201, first.text, true]);
    for (const name of ['etag', 'x-dollarbox-org', 'content-type']) {
      assert.equal(again.headers[name], first.headers[name], name);
    }
    assert.notEqual(again.headers['x-request-id'], first.headers['x-request-id']);
    assert.equal(await count(api), 1);
  });

  test('is answered so by any process, with any valid token of the user', async () => {
    const first = await api.post('/containers/', WEB, keyed('k'));
    const other = (await harness.appAdd()).client(await harness.tokenAdd(caller.userId));
    const again = await other.post('/containers/', WEB, keyed('k'));
    assert.deepEqual([again.text, isReplay(again)], [first.text, true]);
  });

  test('is answered so after the object is changed and even deleted', async () => {
    const first = await api.post('/containers/', WEB, keyed('k'));
    await api.patch(`/containers/${first.body.id}/`, { image: 'y' });
    assert.equal((await api.post('/containers/', WEB, keyed('k'))).text, first.text);
    await api.delete(`/containers/${first.body.id}/`);
    assert.equal((await api.post('/containers/', WEB, keyed('k'))).text, first.text);
    assert.equal(await count(api), 0);
  });

  test('stops, starts and restarts a container once, however often it is sent', async () => {
    const { id } = assertContainer(await api.post('/containers/', WEB), 201);
    const other = (await harness.appAdd()).client(caller.token);
    const acted = async (): Promise<string[]> => {
      const rows = await harness.db
        .selectFrom('audit_log')
        .select('action')
        .where('object_kind', '=', 'container')
        .where('object_id', '=', id)
        .where('action', '!=', 'container.create')
        .orderBy('id')
        .execute();
      return rows.map(({ action }) => action);
    };
    const done: string[] = [];
    for (const [verb, undone] of [
      ['stop', 'start'],
      ['start', 'stop'],
      ['restart', 'stop'],
    ] as const) {
      const path = `/containers/${id}/${verb}/`;
      const first = await api.post(path, undefined, keyed(verb));
      assertContainer(first, 200);
      done.push(`container.${verb}`);
      assert.deepEqual(await acted(), done);
      // A replay must not do it again, although it would have an effect now.
      assertContainer(await api.post(`/containers/${id}/${undone}/`), 200);
      done.push(`container.${undone}`);
      const state = (await api.get(`/containers/${id}/`)).text;
      for (const client of [api, other, api]) {
        const again = await client.post(path, undefined, keyed(verb));
        assert.deepEqual([again.status, again.text, isReplay(again)], [200, first.text, true]);
      }
      assert.deepEqual(await acted(), done);
      assert.equal((await api.get(`/containers/${id}/`)).text, state);
      if (undone === 'start') {
        assertContainer(await api.post(`/containers/${id}/stop/`), 200);
        done.push('container.stop');
      }
    }
  });

  test('is the same bare and quoted, with and without the slash', async () => {
    const first = await api.post('/containers/', WEB, keyed('k-1'));
    const quoted = await api.post('/containers', WEB, keyed('"k-1"'));
    assert.deepEqual([quoted.text, isReplay(quoted)], [first.text, true]);
  });

  test('is not answered to a caller who may no longer write', async () => {
    const { token, userId, org } = caller;
    await api.post('/containers/', WEB, keyed('k'));
    await tokenRowRevoke(harness.db, token.slice(4, 16), harness.clock.now());
    assertError(await api.post('/containers/', WEB, keyed('k')), 401, 'authentication_failed');
    const reader = harness.client(await harness.tokenAdd(userId, { scope: 'read' }));
    assertError(await reader.post('/containers/', WEB, keyed('k')), 403, 'permission_denied');
    const scoped = harness.client(await harness.tokenAdd(userId, { orgId: org.id }));
    assert.equal(isReplay(await scoped.post('/containers/', WEB, keyed('k'))), true);
    await harness.db.deleteFrom('memberships').where('user_id', '=', userId).execute();
    assertError(await scoped.post('/containers/', WEB, keyed('k')), 404, 'not_found');
  });

  test('is forgotten after 24 hours', async () => {
    const first = await api.post('/containers/', WEB, keyed('k'));
    harness.clock.advance(24 * HOUR_MS - 1);
    assert.equal(isReplay(await api.post('/containers/', WEB, keyed('k'))), true);
    harness.clock.advance(1);
    assertError(await api.post('/containers/', WEB, keyed('k')), 409, 'conflict');
    const other = await api.post('/containers/', { ...WEB, name: 'other' }, keyed('k'));
    assert.notEqual(assertContainer(other, 201).id, first.body.id);
    const again = await api.post('/containers/', { ...WEB, name: 'other' }, keyed('k'));
    assert.deepEqual([again.text, isReplay(again)], [other.text, true]);
  });
});

describe('the same key with another request', () => {
  test('is a mismatch, and creates nothing', async () => {
    await api.post('/containers/', WEB, keyed('k'));
    for (const body of [{ ...WEB, name: 'b' }, { ...WEB, env: {} }, `${JSON.stringify(WEB)} `]) {
      const reply = await api.post('/containers/', body, keyed('k'));
      assert.deepEqual(assertError(reply, 422, 'idempotency_mismatch'), {});
    }
    assert.equal(await count(api), 1);
  });

  test("is another user's own business", async () => {
    const memberId = await harness.userAdd();
    await harness.memberAdd(caller.org, memberId, 'member');
    const member = harness.client(await harness.tokenAdd(memberId));
    await api.post('/containers/', WEB, keyed('k'));
    const reply = await member.post('/containers/', { ...WEB, name: 'theirs' }, keyed('k'));
    assert.equal(assertContainer(reply, 201).name, 'theirs');
    assert.equal(isReplay(reply), false);
  });

  test("is another org's own business", async () => {
    const { slug } = await harness.orgAdd({ ownerId: caller.userId });
    const first = await api.post(`/containers/?org=${caller.org.slug}`, WEB, keyed('k'));
    const second = await api.post(`/containers/?org=${slug}`, WEB, keyed('k'));
    assert.deepEqual(
      [assertContainer(first, 201).org, assertContainer(second, 201).org],
      [caller.org.slug, slug],
    );
    const again = await api.post('/containers/', WEB, { ...keyed('k'), 'x-dollarbox-org': slug });
    assert.deepEqual([again.text, isReplay(again)], [second.text, true]);
  });
});

describe('a first request that is still running', () => {
  test('is reported, and its reply is available once it has ended', async () => {
    const { running, refused } = await harness.db.transaction().execute(async (trx) => {
      await trx
        .selectFrom('orgs')
        .select('id')
        .where('id', '=', caller.org.id)
        .forUpdate()
        .execute();
      const first = api.post('/containers/', WEB, keyed('k'));
      while (!(await someoneWaits())) await delay(5);
      return { running: first, refused: await api.post('/containers/', WEB, keyed('k')) };
    });
    assert.deepEqual(assertError(refused, 409, 'idempotency_in_progress'), {});
    assert.equal(refused.headers['retry-after'], '1');
    const first = await running;
    assertContainer(first, 201);
    const again = await api.post('/containers/', WEB, keyed('k'));
    assert.deepEqual([again.text, isReplay(again)], [first.text, true]);
  });

  test('that fails leaves the key free', async () => {
    const running = await harness.db.transaction().execute(async (trx) => {
      const { id } = caller.org;
      await trx.updateTable('orgs').set({ container_limit: 0 }).where('id', '=', id).execute();
      const first = api.post('/containers/', WEB, keyed('k'));
      while (!(await someoneWaits())) await delay(5);
      return [first];
    });
    assertError((await running[0]) ?? assert.fail(), 403, 'quota_exceeded');
    await harness.db.updateTable('orgs').set({ container_limit: 1 }).execute();
    const again = await api.post('/containers/', { ...WEB, name: 'other' }, keyed('k'));
    assertContainer(again, 201);
    assert.equal(isReplay(again), false);
  });
});

/** Whether a session of this database waits for a lock. */
async function someoneWaits(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(harness.db);
  return rows.length > 0;
}

describe('a refusal', () => {
  test('is not kept: the same key may succeed later', async () => {
    assertFaults(await api.post('/containers/', { name: 'A', image: 'x' }, keyed('k')), ['name']);
    const taken = assertContainer(await api.post('/containers/', WEB), 201);
    assertError(await api.post('/containers/', WEB, keyed('k')), 409, 'conflict');
    await harness.db
      .updateTable('orgs')
      .set({ container_limit: 1 })
      .where('id', '=', caller.org.id)
      .execute();
    assertError(
      await api.post('/containers/', { ...WEB, name: 'b' }, keyed('k')),
      403,
      'quota_exceeded',
    );
    assert.equal((await api.delete(`/containers/${taken.id}/`)).status, 204);
    const made = await api.post('/containers/', WEB, keyed('k'));
    assertContainer(made, 201);
    assert.equal(isReplay(made), false);
  });
});

describe('a key', () => {
  test('has 1 to 255 printable characters', async () => {
    const long = 'k'.repeat(255);
    for (const [index, key] of ['x', long, `"${long}"`, 'a b', '"', '!#$%&~', '"a"b"'].entries()) {
      if (key === `"${long}"`) continue;
      assertContainer(
        await api.post('/containers/', { ...WEB, name: `c${index}` }, keyed(key)),
        201,
      );
    }
    const quoted = await api.post('/containers/', { ...WEB, name: 'c1' }, keyed(`"${long}"`));
    assert.equal(isReplay(quoted), true);
    for (const key of ['', '""', 'k'.repeat(256), `"${'k'.repeat(256)}"`, 'é', 'a\tb']) {
      assertFaults(await api.post('/containers/', { ...WEB, name: 'new' }, keyed(key)), [
        'Idempotency-Key',
      ]);
    }
    const both = await api.post('/containers/', { ...WEB, name: 'A' }, keyed(''));
    assertFaults(both, ['Idempotency-Key', 'name']);
    assertError(await api.get('/containers/?name=new&limit=0'), 400, 'validation_error');
    assert.deepEqual((await api.get('/containers/?name=new')).body.results, []);
  });

  test('means nothing to other methods', async () => {
    const { id } = assertContainer(await api.post('/containers/', WEB, keyed('k')), 201);
    assert.equal((await api.get('/containers/', keyed('k'.repeat(300)))).status, 200);
    assert.equal(
      isReplay(await api.patch(`/containers/${id}/`, { image: 'y' }, keyed('k'))),
      false,
    );
    assert.equal((await api.delete(`/containers/${id}/`, keyed('k'))).status, 204);
  });
});

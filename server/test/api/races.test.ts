import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertContainer } from '../support/http-client.ts';

/** Two API processes on one database; requests alternate between them. */
let harness: Harness;
let other: TestApp;
before(async () => {
  harness = await harnessOpen();
  other = await harness.appAdd();
});
after(async () => {
  await countersMatch();
  assert.ok(!harness.logText().includes('"level":50'), 'an error of ours was logged');
  await harness.close();
});

type Send = (api: Client, index: number) => Promise<Reply>;

/** Sends `count` requests at once, alternating between both apps. */
function together(token: string, count: number, send: Send): Promise<Reply[]> {
  const clients = [harness.client(token), other.client(token)] as const;
  return Promise.all(
    Array.from({ length: count }, (_, index) => send(clients[index % 2 === 0 ? 0 : 1], index)),
  );
}

function byStatus(replies: readonly Reply[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function live(caller: TestCaller): Promise<number> {
  return (await caller.api.get('/containers/?limit=200')).body.results?.length ?? -1;
}

/** The org's counter equals a recount, and every live row has its place in the queue. */
async function countersMatch(): Promise<void> {
  const { rows } = await sql`
    select orgs.id from orgs
    where container_count <> (select count(*) from containers c where c.org_id = orgs.id and c.deleted_at is null)
    union all
    select id from containers c
    where not exists (select from work w where w.kind = 'container' and w.object_id = c.id)
  `.execute(harness.db);
  assert.deepEqual(rows, []);
}

describe('at once', () => {
  it('a hundred creates at quota − 1: exactly one succeeds', async () => {
    const caller = await harness.callerAdd({ containerLimit: 3 });
    for (const name of ['a', 'b']) await caller.api.post('/containers/', { name, image: 'x' });
    const replies = await together(caller.token, 100, (api, index) =>
      api.post('/containers/', { name: `c${index}`, image: 'x' }),
    );
    assert.deepEqual(byStatus(replies), { 201: 1, 403: 99 });
    for (const { status, body } of replies) {
      if (status === 403)
        assert.deepEqual(body.error?.detail, { resource: 'containers', limit: 3, current: 3 });
    }
    assert.equal(await live(caller), 3);
  });

  it('fifty creates of one name: exactly one succeeds, and the quota counts one', async () => {
    const caller = await harness.callerAdd({ containerLimit: 10 });
    const replies = await together(caller.token, 50, (api) =>
      api.post('/containers/', { name: 'web', image: 'x' }),
    );
    assert.deepEqual(byStatus(replies), { 201: 1, 409: 49 });
    assert.equal(await live(caller), 1);
  });

  it('a hundred requests with one key: one object, one body', async () => {
    const caller = await harness.callerAdd();
    const headers = { 'idempotency-key': 'one' };
    const replies = await together(caller.token, 100, async (api) => {
      for (;;) {
        const reply = await api.post('/containers/', { name: 'web', image: 'x' }, headers);
        if (reply.body.error?.code !== 'idempotency_in_progress') return reply;
        assert.equal(reply.status, 409);
        assert.equal(reply.headers['retry-after'], '1');
        await delay(100);
      }
    });
    assert.deepEqual(byStatus(replies), { 201: 100 });
    assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
    assert.equal(
      replies.filter(({ headers: told }) => told['idempotency-replayed'] !== 'true').length,
      1,
    );
    assert.equal(await live(caller), 1);
  });

  it('replays of one key: none of them blocks another', async () => {
    const caller = await harness.callerAdd();
    const headers = { 'idempotency-key': 'one' };
    const send: Send = (api) => api.post('/containers/', { name: 'web', image: 'x' }, headers);
    const first = await send(caller.api, 0);
    const replies = await together(caller.token, 50, send);
    assert.deepEqual(byStatus(replies), { 201: 50 });
    assert.deepEqual(new Set(replies.map(({ text }) => text)), new Set([first.text]));
  });

  it('one key with two requests: one of them is executed, the other never', async () => {
    const caller = await harness.callerAdd();
    const headers = { 'idempotency-key': 'one' };
    const replies = await together(caller.token, 40, (api, index) =>
      api.post('/containers/', { name: index % 3 === 0 ? 'a' : 'b', image: 'x' }, headers),
    );
    assert.equal(await live(caller), 1);
    const made = new Set(replies.filter(({ status }) => status === 201).map(({ text }) => text));
    assert.equal(made.size, 1);
    const { 201: _made, 409: _running, 422: _mismatch, ...rest } = byStatus(replies);
    assert.deepEqual(rest, {});
  });

  it('deletes of one container: one is 204, all others 404', async () => {
    const caller = await harness.callerAdd();
    for (let round = 0; round < 5; round += 1) {
      const made = await caller.api.post('/containers/', { name: 'web', image: 'x' });
      const { id } = assertContainer(made, 201);
      const replies = await together(caller.token, 20, (api) => api.delete(`/containers/${id}/`));
      assert.deepEqual(byStatus(replies), { 204: 1, 404: 19 });
    }
    assert.equal(await live(caller), 0);
  });

  it('a delete and creates of its name: one at most follows it, with no deadlock', async () => {
    const caller = await harness.callerAdd({ containerLimit: 10 });
    let { id } = assertContainer(
      await caller.api.post('/containers/', { name: 'web', image: 'x' }),
      201,
    );
    let followed = 0;
    for (let round = 0; round < 20 || followed < 3; round += 1) {
      assert.ok(round < 1000, 'no create ever met its delete');
      const [gone, ...creates] = await together(caller.token, 6, (api, index) =>
        index === 0
          ? api.delete(`/containers/${id}/`)
          : api.post('/containers/', { name: 'web', image: 'y' }),
      );
      assert.equal(gone?.status, 204);
      const made = creates.filter(({ status }) => status === 201).length;
      for (const { status, text } of creates) assert.ok(status === 201 || status === 409, text);
      assert.ok(made <= 1);
      followed += made;
      assert.equal(await live(caller), made);
      const next =
        creates.find(({ status }) => status === 201) ??
        (await caller.api.post('/containers/', { name: 'web', image: 'x' }));
      ({ id } = assertContainer(next, 201));
    }
  });

  it('updates of one container: each is a generation, none is lost', async () => {
    const caller = await harness.callerAdd();
    const made = await caller.api.post('/containers/', { name: 'web', image: 'x' });
    const path = `/containers/${assertContainer(made, 201).id}/`;
    const replies = await together(caller.token, 30, (api, index) =>
      api.patch(path, { env: { N: String(index) } }),
    );
    assert.deepEqual(byStatus(replies), { 200: 30 });
    const generations = replies.map(({ body }) => body.generation ?? 0).toSorted((x, y) => x - y);
    assert.deepEqual(
      generations,
      Array.from({ length: 30 }, (_, index) => index + 2),
    );
    const last = replies.find(({ body }) => body.generation === 31);
    assert.equal((await caller.api.get(path)).text, last?.text);
  });

  it('updates of different fields: both are there afterwards', async () => {
    const caller = await harness.callerAdd();
    const made = await caller.api.post('/containers/', { name: 'web', image: 'x' });
    const path = `/containers/${assertContainer(made, 201).id}/`;
    for (let round = 1; round <= 10; round += 1) {
      const changes: Record<string, unknown>[] = [
        { image: `x:${round}` },
        { env: { N: String(round) } },
        { command: [String(round)] },
      ];
      const replies = await together(caller.token, 3, (api, index) =>
        api.patch(path, changes[index]),
      );
      assert.deepEqual(byStatus(replies), { 200: 3 });
      const { image, env, command } = (await caller.api.get(path)).body;
      const [a, b, c] = changes;
      assert.deepEqual({ image, env, command }, { ...a, ...b, ...c });
    }
  });

  it('updates with one If-Match: exactly one succeeds', async () => {
    const caller = await harness.callerAdd();
    const made = await caller.api.post('/containers/', { name: 'web', image: 'x' });
    const path = `/containers/${assertContainer(made, 201).id}/`;
    const headers = { 'if-match': made.headers.etag };
    const replies = await together(caller.token, 20, (api, index) =>
      api.patch(path, { image: `y:${index}` }, headers),
    );
    assert.deepEqual(byStatus(replies), { 200: 1, 412: 19 });
  });

  it('an update and a delete: 404 after the delete, never a resurrection', async () => {
    const caller = await harness.callerAdd();
    for (let round = 0; round < 10; round += 1) {
      const made = await caller.api.post('/containers/', { name: 'web', image: 'x' });
      const path = `/containers/${assertContainer(made, 201).id}/`;
      const [gone, ...updates] = await together(caller.token, 5, (api, index) =>
        index === 0 ? api.delete(path) : api.patch(path, { image: `y:${index}` }),
      );
      assert.equal(gone?.status, 204);
      for (const { status, text } of updates) assert.ok(status === 200 || status === 404, text);
      assert.equal((await caller.api.get(path)).status, 404);
    }
  });

  it('what a reply showed, the next read on the other process shows', async () => {
    const caller = await harness.callerAdd();
    const [one, two] = [harness.client(caller.token), other.client(caller.token)];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const made = await one.post('/containers/', { name: `c${index}`, image: 'x' });
        const path = `/containers/${assertContainer(made, 201).id}/`;
        assert.equal((await two.get(path)).text, made.text);
        const changed = await two.patch(path, { image: 'y' });
        assert.equal((await one.get(path)).text, changed.text);
        assert.equal((await one.delete(path)).status, 204);
        assert.equal((await two.get(path)).status, 404);
      }),
    );
  });
});

import { endTell } from '../../src/containers/outcomes.ts';
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { ContainerStatus } from '../../src/db/types.ts';
import { eventsLagSeconds } from '../../src/feed/store.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  type Reply,
  assertContainer,
  assertError,
  assertVolume,
} from '../support/http-client.ts';

/** Longer than any test: a test that waits for its end has failed. */
const WAIT = { prefer: 'wait=60' };

let harness: Harness;
before(async () => {
  // Waits hold no connection: many of them need no more than a request does.
  harness = await harnessOpen({}, { poolSize: 2 });
});
after(() => harness.close());

async function containerAdd(api: Client, name = 'web'): Promise<number> {
  return assertContainer(await api.post('/containers/', { name, image: 'x' }), 201).id;
}

/** What a turn of the reconciler writes. */
async function statusSet(id: number, status: ContainerStatus): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({
      status,
      observed_generation: eb.ref('generation'),
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
}

/** Waits until this many requests of an app wait for an object. */
async function waiting(count: number, app: TestApp = harness): Promise<void> {
  while (app.deps.events.waiters() < count) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Starts a request that waits. @returns its reply, not awaited, once it waits. */
async function start(
  send: () => Promise<Reply>,
  app: TestApp = harness,
): Promise<{ reply: Promise<Reply> }> {
  const before = app.deps.events.waiters();
  const reply = send();
  await waiting(before + 1, app);
  return { reply };
}

describe('a request that prefers to wait', () => {
  it('is answered when its new container has settled', async () => {
    const { api } = await harness.callerAdd();
    const { reply } = await start(() =>
      api.post('/containers/', { name: 'web', image: 'x' }, WAIT),
    );
    const [row] = (await api.get('/containers/')).body.results ?? [];
    assert.equal(row?.status, 'pending', 'it is committed before the wait');
    await statusSet(row.id, 'running');
    const answer = await reply;
    const shown = assertContainer(answer, 201);
    assert.equal(shown.status, 'running');
    assert.equal(answer.headers['preference-applied'], 'wait=60');
    assert.ok(String(answer.headers['location']).endsWith(`/containers/${shown.id}/`));
    const read = await api.get(`/containers/${shown.id}/`);
    assert.equal(answer.headers['etag'], read.headers['etag']);
    assert.deepEqual(shown, read.body);
  });

  it('is answered when a change is in effect', async () => {
    const { api } = await harness.callerAdd();
    const id = await containerAdd(api);
    await statusSet(id, 'running');
    const { reply } = await start(() => api.patch(`/containers/${id}/`, { image: 'y' }, WAIT));
    await statusSet(id, 'running');
    const { generation, observed_generation: observed } = assertContainer(await reply, 200);
    assert.deepEqual([generation, observed], [2, 2]);
  });

  it('is answered only when it is known why a process has ended', async () => {
    const { api } = await harness.callerAdd();
    const { reply } = await start(() =>
      api.post('/containers/', { name: 'web', image: 'x' }, WAIT),
    );
    const [row] = (await api.get('/containers/')).body.results ?? [];
    const ended = endTell({ ref: 'r', exitCode: 3 });
    await harness.db
      .updateTable('containers')
      .set(ended)
      .where('id', '=', row?.id ?? 0)
      .execute();
    const known = { status_message: 'The process exited with code 3. Its last lines: no' };
    await harness.db
      .updateTable('containers')
      .set(known)
      .where('id', '=', row?.id ?? 0)
      .execute();
    assert.equal(assertContainer(await reply, 201).status_message, known.status_message);
  });

  it('is answered at once where there is nothing to wait for', async () => {
    const { api } = await harness.callerAdd();
    const id = await containerAdd(api);
    await statusSet(id, 'failed');
    const reply = await api.get(`/containers/${id}/`, WAIT);
    assert.equal(assertContainer(reply, 200).status, 'failed');
    assert.equal(reply.headers['preference-applied'], 'wait=60');
  });

  it('is answered as it is when the time is over', async () => {
    const { api } = await harness.callerAdd();
    const reply = await api.post('/containers/', { name: 'web', image: 'x' }, { prefer: 'wait=1' });
    assert.equal(assertContainer(reply, 201).status, 'pending');
    assert.equal(reply.headers['preference-applied'], 'wait=1');
  });

  it('waits for a volume too', async () => {
    const { api } = await harness.callerAdd();
    const { reply } = await start(() => api.post('/volumes/', { name: 'data', size_gb: 1 }, WAIT));
    await harness.db.updateTable('volumes').set({ status: 'bound', ref: 'made' }).execute();
    assert.equal(assertVolume(await reply, 201).status, 'bound');
  });

  it('waits for a change of the version that it knows', async () => {
    const { api } = await harness.callerAdd();
    const id = await containerAdd(api);
    await statusSet(id, 'running');
    const { etag } = (await api.get(`/containers/${id}/`)).headers;
    const known = { 'if-none-match': String(etag) };
    const unchanged = await api.get(`/containers/${id}/`, { ...known, prefer: 'wait=1' });
    assert.equal(unchanged.status, 304);
    const { reply } = await start(() => api.get(`/containers/${id}/`, { ...known, ...WAIT }));
    await statusSet(id, 'failed');
    assert.equal(assertContainer(await reply, 200).status, 'failed');
  });

  it('is not delayed by a list, or by a preference that is malformed', async () => {
    const { api } = await harness.callerAdd();
    const id = await containerAdd(api);
    const list = await api.get('/containers/', WAIT);
    assert.equal(list.headers['preference-applied'], undefined);
    const read = await api.get(`/containers/${id}/`, { prefer: 'wait=long' });
    assert.equal(read.headers['preference-applied'], undefined);
  });

  it('keeps the reply from before the wait, and waits again when it is sent again', async () => {
    const { api } = await harness.callerAdd();
    const key = { 'idempotency-key': 'one' };
    const body = { name: 'web', image: 'x' };
    const { reply } = await start(() => api.post('/containers/', body, { ...key, ...WAIT }));
    const kept = await api.post('/containers/', body, key);
    assert.equal(kept.headers['idempotency-replayed'], 'true');
    const { id, status } = assertContainer(kept, 201);
    assert.equal(status, 'pending');
    const again = await start(() => api.post('/containers/', body, { ...key, ...WAIT }));
    await statusSet(id, 'running');
    assert.equal(assertContainer(await reply, 201).status, 'running');
    const replayed = await again.reply;
    assert.equal(assertContainer(replayed, 201).status, 'running');
    assert.equal(replayed.headers['idempotency-replayed'], 'true');
  });

  it('is answered as the first time when it is sent again after its container was deleted', async () => {
    const { api } = await harness.callerAdd();
    const key = { 'idempotency-key': 'deleted' };
    const body = { name: 'web', image: 'x' };
    const { id } = assertContainer(await api.post('/containers/', body, key), 201);
    await api.delete(`/containers/${id}/`);
    const again = await api.post('/containers/', body, { ...key, ...WAIT });
    assert.equal(assertContainer(again, 201).id, id);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.headers['preference-applied'], undefined);
  });

  const ENDS: [string, number, string, (caller: TestCaller, id: number) => Promise<unknown>][] = [
    [
      'its token is revoked',
      401,
      'authentication_failed',
      ({ token }) => tokenRowRevoke(harness.db, token.split('_')[1] ?? '', harness.clock.now()),
    ],
    [
      'its user is removed from the org',
      404,
      'not_found',
      ({ userId }) => harness.db.deleteFrom('memberships').where('user_id', '=', userId).execute(),
    ],
    [
      "the org's API is turned off",
      403,
      'api_disabled',
      ({ org }) =>
        harness.db
          .updateTable('orgs')
          .set({ api_enabled: false })
          .where('id', '=', org.id)
          .execute(),
    ],
    [
      'the container is deleted',
      404,
      'not_found',
      ({ api }, id) => api.delete(`/containers/${id}/`),
    ],
  ];
  for (const [name, status, code, end] of ENDS) {
    it(`ends with ${status} when ${name}`, async () => {
      const caller = await harness.callerAdd();
      const id = await containerAdd(caller.api);
      const { reply } = await start(() => caller.api.get(`/containers/${id}/`, WAIT));
      await end(caller, id);
      assertError(await reply, status, code as 'not_found');
    });
  }

  it('is one of at most 20 of a token; another is answered at once', async () => {
    const { api } = await harness.callerAdd();
    const id = await containerAdd(api);
    const before = harness.deps.events.waiters();
    const replies = Array.from({ length: 20 }, () => api.get(`/containers/${id}/`, WAIT));
    await waiting(before + 20);
    const more = await api.get(`/containers/${id}/`, WAIT);
    assert.equal(assertContainer(more, 200).status, 'pending');
    assert.equal(more.headers['preference-applied'], undefined);
    await statusSet(id, 'running');
    for (const reply of await Promise.all(replies)) {
      assert.equal(assertContainer(reply, 200).status, 'running');
    }
    const afterwards = await api.get(`/containers/${id}/`, WAIT);
    assert.equal(afterwards.headers['preference-applied'], 'wait=60');
  });

  it('is one of at most 100 of an org, and all of them hold no transaction and read nothing at rest', async () => {
    const { api, userId } = await harness.callerAdd();
    const other = await harness.callerAdd();
    const id = await containerAdd(api);
    const before = harness.deps.events.waiters();
    const clients: Client[] = [];
    for (let count = 0; count < 5; count += 1) {
      clients.push(harness.client(await harness.tokenAdd(userId)));
    }
    const replies = clients.flatMap((client) =>
      Array.from({ length: 20 }, () => client.get(`/containers/${id}/`, WAIT)),
    );
    await waiting(before + 100);
    const { rows: held } = await sql`
      select state from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`.execute(harness.db);
    assert.deepEqual(held, []);

    const more = await api.get(`/containers/${id}/`, WAIT);
    assert.equal(more.headers['preference-applied'], undefined);
    const theirs = await containerAdd(other.api);
    const { reply } = await start(() => other.api.get(`/containers/${theirs}/`, WAIT));
    await statusSet(theirs, 'running');
    assert.equal((await reply).headers['preference-applied'], 'wait=60');

    // The feed looks for events and access once a second. If each of them did, statements would come a hundred times
    // as fast.
    while ((await eventsLagSeconds(harness.db)) > 0) await delay(10);
    const statements = async () =>
      (await harness.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
    const [from, startedAt] = [await statements(), performance.now()];
    while ((await statements()) < from + 12) await delay(5);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > 800, `12 statements in ${tookMs} ms`);
    await statusSet(id, 'running');
    for (const each of await Promise.all(replies)) {
      assert.equal(assertContainer(each, 200).status, 'running');
    }
  });

  it('is answered when a container has stopped, and when it runs again', async () => {
    const { api } = await harness.callerAdd();
    const id = await containerAdd(api);
    await statusSet(id, 'running');
    const stopping = await start(() => api.post(`/containers/${id}/stop/`, undefined, WAIT));
    await statusSet(id, 'stopped');
    assert.equal(assertContainer(await stopping.reply, 200).status, 'stopped');
    const read = await api.get(`/containers/${id}/`, WAIT);
    assert.equal(assertContainer(read, 200).status, 'stopped');
    const starting = await start(() => api.post(`/containers/${id}/start/`, undefined, WAIT));
    await statusSet(id, 'running');
    assert.equal(assertContainer(await starting.reply, 200).status, 'running');
  });

  it('is answered with what was written when the database goes away meanwhile', async () => {
    const { token } = await harness.callerAdd();
    const app = await harness.appAdd();
    app.deps.events.subscribe = () => Promise.reject(new Error('Connection terminated'));
    const body = { name: 'web', image: 'x' };
    const reply = await app.client(token).post('/containers/', body, WAIT);
    assert.equal(assertContainer(reply, 201).status, 'pending');
    assert.equal(reply.headers['preference-applied'], undefined);
  });

  it('is answered as it is when the server stops', async () => {
    const { api, token } = await harness.callerAdd();
    const id = await containerAdd(api);
    const app = await harness.appAdd();
    const { reply } = await start(() => app.client(token).get(`/containers/${id}/`, WAIT), app);
    await app.deps.events.close();
    assert.equal(assertContainer(await reply, 200).status, 'pending');
    // With the header, a reply before the time would say that the container has settled.
    assert.equal((await reply).headers['preference-applied'], undefined);
  });
});

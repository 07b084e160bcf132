import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertContainer, assertError } from '../support/http-client.ts';
import { rawRequest, rawSend } from '../support/raw-http.ts';

let harness: Harness;
let caller: TestCaller;
/** A session outside the pool, in another database, that sees and ends the app's sessions. */
let operator: pg.Client;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  const url = new URL(harness.databaseUrl);
  url.pathname = '/postgres';
  operator = new pg.Client({ connectionString: url.href });
  await operator.connect();
});
after(async () => {
  await operator.end();
  await harness.close();
  assert.ok(
    !harness.logText().includes('"level":50'),
    'a bug was logged where the database was away',
  );
});

const database = (): string => new URL(harness.databaseUrl).pathname.slice(1);

/** Waits until there is none. Sessions that are being ended still count. */
async function sessionsGone(): Promise<void> {
  for (;;) {
    const { rows } = await operator.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
      [database()],
    );
    if (rows.length === 0) return;
  }
}

async function sessionsEnd(): Promise<void> {
  await operator.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1',
    [database()],
  );
}

function assertAway(reply: Reply): void {
  assert.deepEqual(assertError(reply, 503, 'service_unavailable'), {});
  assert.match(reply.headers['retry-after'] ?? '', /^[1-9]\d*$/);
}

/** Retries while the database is unavailable, as a client would. */
async function untilServed(send: () => Promise<Reply>): Promise<Reply> {
  for (;;) {
    const reply = await send();
    if (reply.status !== 503) return reply;
    assertAway(reply);
  }
}

describe('connections that are cut', () => {
  it('are reopened: at worst a request in flight is told to retry', async () => {
    for (let round = 0; round < 10; round += 1) {
      const reads = Array.from({ length: 10 }, () => caller.api.get('/containers/'));
      await sessionsEnd();
      for (const reply of await Promise.all(reads)) {
        if (reply.status !== 200) assertAway(reply);
      }
      const reply = await untilServed(() => caller.api.get('/containers/'));
      assert.equal(reply.status, 200, reply.text);
    }
  });

  it('lose no acknowledged write, and keep no refused one', async () => {
    const { api } = await harness.callerAdd();
    const acknowledged: string[] = [];
    const unknown: string[] = [];
    let isCutting = true;
    const cutting = (async () => {
      while (isCutting) await sessionsEnd();
    })();
    for (let index = 0; index < 60 || unknown.length === 0; index += 1) {
      const name = `c${index}`;
      const reply = await api.post('/containers/', { name, image: 'x' });
      if (reply.status === 201) acknowledged.push(name);
      else {
        assertAway(reply);
        unknown.push(name);
      }
    }
    isCutting = false;
    await cutting;
    const list = await untilServed(() => api.get('/containers/?limit=200'));
    const names = new Set(list.body.results?.map(({ name }) => name));
    for (const name of acknowledged) assert.ok(names.has(name), `${name} was lost`);
    for (const name of names) assert.ok(acknowledged.includes(name) || unknown.includes(name));
  });

  it('are safe to repeat across with an Idempotency-Key', async () => {
    const { api } = await harness.callerAdd();
    let isCutting = true;
    const cutting = (async () => {
      while (isCutting) await sessionsEnd();
    })();
    for (let index = 0; index < 20; index += 1) {
      const headers = { 'idempotency-key': `key-${index}` };
      const body = { name: `c${index}`, image: 'x' };
      for (let tries = 0; ; tries += 1) {
        if (tries === 3) isCutting = false;
        const reply = await api.post('/containers/', body, headers);
        if (reply.status === 201) break;
        assert.ok(
          reply.status === 503 || reply.body.error?.code === 'idempotency_in_progress',
          reply.text,
        );
      }
    }
    isCutting = false;
    await cutting;
    const list = await untilServed(() => api.get('/containers/?limit=200'));
    assert.equal(list.body.results?.length, 20);
  });
});

describe('an unavailable database', () => {
  it('is 503 on every route, never 500, and recovers by itself', async () => {
    const { id } = assertContainer(
      await caller.api.post('/containers/', { name: 'web', image: 'x' }),
      201,
    );
    const ready = async (): Promise<number> => {
      // An answer is cached for a second.
      harness.clock.advance(1000);
      return (await rawSend(harness.origin, rawRequest('GET /readyz HTTP/1.1'))).status;
    };
    assert.equal(await ready(), 200);
    await sessionsGone();
    await operator.query(`alter database ${database()} rename to ${database()}_away`);
    try {
      for (const send of [
        () => caller.api.get('/containers/'),
        () => caller.api.get(`/containers/${id}/`),
        () => caller.api.post('/containers/', { name: 'a', image: 'x' }),
        () => caller.api.patch(`/containers/${id}/`, { image: 'y' }),
        () => caller.api.delete(`/containers/${id}/`),
        () => caller.api.get('/orgs/'),
        () => caller.api.get(`/orgs/${caller.org.slug}/`),
        () => caller.api.get(`/orgs/${caller.org.slug}/usage/`),
      ]) {
        assertAway(await send());
      }
      assert.equal(await ready(), 503);
      // What does not need the database keeps working.
      assertError(await harness.client(null).get('/containers/'), 401, 'authentication_failed');
      assertError(await caller.api.get('/nowhere/'), 404, 'not_found');
      assert.equal(
        (await rawSend(harness.origin, rawRequest('GET /healthz HTTP/1.1'))).status,
        200,
      );
    } finally {
      await operator.query(`alter database ${database()}_away rename to ${database()}`);
    }
    const reply = await untilServed(() => caller.api.get(`/containers/${id}/`));
    assert.equal(assertContainer(reply, 200).image, 'x');
    assert.equal(await ready(), 200);
  });

  it('that accepts no connections is 503 too', async () => {
    await operator.query(`alter database ${database()} allow_connections false`);
    try {
      await sessionsGone();
      assertAway(await caller.api.get('/containers/'));
    } finally {
      await operator.query(`alter database ${database()} allow_connections true`);
    }
    assert.equal((await untilServed(() => caller.api.get('/containers/'))).status, 200);
  });
});

describe('a statement that waits for too long', () => {
  it('is 503, and changes nothing', async () => {
    const made = await caller.api.post('/containers/', { name: 'slow', image: 'x' });
    const path = `/containers/${assertContainer(made, 201).id}/`;
    const blocked = harness.db.transaction().execute(async (trx) => {
      await trx
        .selectFrom('containers')
        .select('id')
        .where('name', '=', 'slow')
        .forUpdate()
        .execute();
      const change = caller.api.patch(path, { image: 'y' });
      for (;;) {
        const { rows } = await operator.query<{ pid: number }>(
          "select pg_cancel_backend(pid) from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
          [database()],
        );
        if (rows.length > 0) break;
      }
      return change;
    });
    assertAway(await blocked);
    assert.equal((await caller.api.get(path)).text, made.text);
  });
});

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { after, before, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Harness, type TestApp, harnessOpen } from '../support/harness.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

it('a stop first reports not ready, and finishes requests in flight', async () => {
  const caller = await harness.callerAdd();
  const second = await harness.appAdd();
  assert.equal((await fetch(`${second.origin}/readyz`)).status, 200);

  // A write that has to wait, because the org's row is locked.
  let free = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    free = resolve;
  });
  const isHeld = Promise.withResolvers<void>();
  const holder = harness.db.transaction().execute(async (trx) => {
    await sql`select from orgs where id = ${caller.org.id} for update`.execute(trx);
    isHeld.resolve();
    await held;
  });
  await isHeld.promise;
  const writing = second.client(caller.token).post('/containers/', { name: 'w', image: 'app:1' });
  for (;;) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::int as waiting from pg_stat_activity
      where wait_event_type = 'Lock' and datname = current_database()`.execute(harness.db);
    if ((rows[0]?.waiting ?? 0) > 0) break;
  }
  second.app.retire();
  assert.equal((await fetch(`${second.origin}/readyz`)).status, 503);
  const closing = second.app.close();
  free();
  await holder;
  assert.equal((await writing).status, 201);
  await closing;
  await assert.rejects(fetch(`${second.origin}/readyz`));
  await second.close();
});

/** A connection with a request that the server has begun to process. */
async function halfSent(app: TestApp): Promise<Socket> {
  const { hostname, port } = new URL(app.origin);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  const accepted = once(app.app.server.server, 'connection');
  socket.write('GET /healthz HTTP/1.1\r\nHost: te');
  const [taken] = (await accepted) as [Socket];
  while (taken.bytesRead === 0) await setImmediate();
  return socket;
}

it('a request that is never sent whole holds up a stop for the grace only', async () => {
  const app = await harness.appAdd();
  const socket = await halfSent(app);
  const cut = once(socket, 'close');
  await app.app.close({ graceMs: 100 });
  await cut;
  await app.close();
});

it('in a hurry, such a request is not waited for at all', async () => {
  const app = await harness.appAdd();
  const socket = await halfSent(app);
  const hurry = new AbortController();
  const cut = once(socket, 'close');
  const closing = app.app.close({ graceMs: 3_600_000, hurry: hurry.signal });
  hurry.abort();
  await closing;
  await cut;
  await app.close();
});

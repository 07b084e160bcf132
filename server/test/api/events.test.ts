import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setImmediate as nextTick, setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { Container } from '../../src/containers/schema.ts';
import { databaseOpen } from '../../src/db/database.ts';
import type { Event } from '../../src/events/schema.ts';
import { eventMetricsRegister } from '../../src/database-metrics.ts';
import { metricsCreate } from '../../src/base/metrics.ts';
import { eventFeedCheck, eventsLagSeconds, eventsPurge } from '../../src/feed/store.ts';
import { orgLimitsUpdate } from '../../src/orgs/operations.ts';
import { OPERATOR } from '../../src/changes/actor.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { Volume } from '../../src/volumes/schema.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  assertContainer,
  assertError,
  assertFaults,
  assertVolume,
} from '../support/http-client.ts';

const PUBLIC_URL = 'https://panel.example';

let harness: Harness;
before(async () => {
  harness = await harnessOpen({ PUBLIC_URL });
});
after(() => harness.close());

/** A caller whose org's feed begins with the org: that its owner joined it is left out, as in an org of any age. */
async function callerAdd(
  options: Parameters<Harness['callerAdd']>[0] = {},
  on: Harness = harness,
): Promise<TestCaller> {
  const caller = await on.callerAdd(options);
  await on.db.deleteFrom('events').where('type', '=', 'member.created').execute();
  return caller;
}

/**
 * Waits until no event is held back. Transactions of other tests, in other databases of the cluster, hold events back
 * too.
 */
async function eventsFinal(db = harness.db): Promise<void> {
  while ((await eventsLagSeconds(db)) > 0) await nextTick();
}

async function events(api: Client, query = ''): Promise<Event[]> {
  await eventsFinal();
  return eventsNow(api, query);
}

async function eventsNow(api: Client, query = ''): Promise<Event[]> {
  const reply = await api.get(`/events/${query}`);
  assert.equal(reply.status, 200, reply.text);
  return reply.body.results as unknown as Event[];
}

async function containerAdd(api: Client, name = 'web', more: object = {}): Promise<number> {
  return assertContainer(await api.post('/containers/', { name, image: 'x:1', ...more }), 201).id;
}

/** What the reconciler writes about a container. */
async function statusSet(id: number, status: 'running' | 'failed'): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({ status, revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

interface Stream {
  /** The rows so far: those of type `end` have no id. */
  rows: { id: string | null; type: string; data: Event & { reason?: string } }[];
  /** The id that the stream began with. */
  startId(): string;
  /** Waits until this many rows have come. */
  has(count: number): Promise<void>;
  /** Waits for the end of the reply. */
  ended: Promise<void>;
  close(): void;
}

/** Follows events as an EventSource does. */
async function follow(
  app: TestApp,
  { token }: { token: string },
  headers: Record<string, string> = {},
): Promise<Stream> {
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let arrived = Promise.withResolvers<void>();
  const rows: Stream['rows'] = [];
  let startId = '';
  let text = '';
  const sent = request(
    `${app.origin}/api/v1/events/`,
    { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', ...headers } },
    (response) => {
      assert.equal(response.statusCode, 200);
      assert.match(response.headers['content-type'] ?? '', /^text\/event-stream/);
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) {
          startId ||= /^id: (.*)$/m.exec(block)?.[1] ?? '';
          opened.resolve();
          if (block.startsWith(':')) continue;
          const field = (name: string) =>
            new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;
          rows.push({
            id: field('id'),
            type: field('event') ?? '',
            data: JSON.parse(field('data') ?? '') as Event,
          });
        }
        arrived.resolve();
        arrived = Promise.withResolvers();
      });
      response.on('close', () => ended.resolve());
    },
  );
  sent.on('error', opened.reject);
  sent.end();
  await opened.promise;
  return {
    rows,
    startId: () => startId,
    ended: ended.promise,
    async has(count) {
      while (rows.length < count) await arrived.promise;
    },
    close: () => sent.destroy(),
  };
}

const typesOf = (rows: readonly { type: string }[]) => rows.map(({ type }) => type);

describe('the list of events', () => {
  it('has every change of a container, with who made it and what it was before', async () => {
    const { api, org, userId } = await callerAdd();
    const id = await containerAdd(api, 'web', { env: { A: '1', B: '2', C: '3' } });
    await statusSet(id, 'running');
    const patched = await api.patch(
      `/containers/${id}/`,
      { image: 'x:2', env: { A: '1', B: '3', D: '4' } },
      { 'x-request-id': 'patch-1' },
    );
    assertContainer(patched, 200);
    assert.equal((await api.delete(`/containers/${id}/`)).status, 204);
    const [orgCreated, created, running, updated, deleted, ...more] = await events(api);
    assert.deepEqual(more, []);
    assert.equal(orgCreated?.type, 'org.created');
    assert.equal(orgCreated.object['slug'], org.slug);
    assert.equal(orgCreated.actor, null);
    assert.equal(created?.type, 'container.created');
    assert.equal(created.actor?.user_id, userId);
    assert.deepEqual(created.previous_attributes, {});
    assert.equal(running?.type, 'container.status_changed');
    assert.equal(running.object['status'], 'running');
    assert.deepEqual(running.previous_attributes, { status: 'pending' });
    assert.equal(running.actor, null);
    assert.equal(updated?.type, 'container.updated');
    assert.equal(updated.request_id, 'patch-1');
    assert.equal(updated.actor?.user_id, userId);
    assert.equal(updated.previous_attributes['image'], 'x:1');
    assert.equal(updated.previous_attributes['generation'], 1);
    assert.deepEqual(updated.previous_attributes['env'], ['B', 'C', 'D']);
    assert.equal(deleted?.type, 'container.deleted');
    assert.equal(deleted.object['id'], id);
  });

  it('has each stop, start and restart, with who asked for it', async () => {
    const { api, userId } = await callerAdd();
    const id = await containerAdd(api);
    await statusSet(id, 'running');
    await harness.db.updateTable('containers').set({ applied_ref: 'one' }).execute();
    for (const verb of ['stop', 'stop', 'start', 'restart']) {
      assertContainer(await api.post(`/containers/${id}/${verb}/`), 200);
    }
    const [, , , stopped, started, restarted, ...more] = await events(api);
    assert.deepEqual(more, []);
    for (const event of [stopped, started, restarted]) {
      assert.equal(event?.type, 'container.status_changed');
      assert.equal(event.actor?.user_id, userId);
    }
    assert.deepEqual(stopped?.previous_attributes, { desired_status: 'running' });
    assert.equal(stopped.object['desired_status'], 'stopped');
    assert.equal(stopped.object['status'], 'running');
    assert.equal(started?.previous_attributes['desired_status'], 'stopped');
    assert.deepEqual(restarted?.previous_attributes, { restarting: false });
    const { env: _, ...shown } = assertContainer(await api.get(`/containers/${id}/`), 200);
    assert.deepEqual(restarted.object, shown);
  });

  it('has none of a new time of the next try alone', async () => {
    const { api } = await callerAdd();
    const id = await containerAdd(api);
    const write = (found: { status_reason?: string; next_retry_at: Date }) =>
      harness.db.updateTable('containers').set(found).where('id', '=', id).execute();
    await write({ status_reason: 'image_not_found', next_retry_at: new Date(1) });
    await write({ next_retry_at: new Date(2) });
    const [, , failed, ...more] = await events(api);
    assert.deepEqual(more, []);
    assert.equal(failed?.type, 'container.status_changed');
    assert.equal(failed.object['next_retry_at'], new Date(1).toISOString());
    const read = assertContainer(await api.get(`/containers/${id}/`), 200);
    assert.equal(read['next_retry_at'], new Date(2).toISOString());
  });

  it('shows objects as a read of them does, without env', async () => {
    const { api } = await callerAdd();
    const volume = assertVolume(await api.post('/volumes/', { name: 'data', size_gb: 1 }), 201);
    const id = await containerAdd(api, 'web', { env: { SECRET: 'canary-9d1' } });
    const found = await events(api);
    const { env, ...shown } = assertContainer(await api.get(`/containers/${id}/`), 200);
    assert.deepEqual(env, { SECRET: 'canary-9d1' });
    assert.deepEqual(found.find(({ type }) => type === 'container.created')?.object, shown);
    const { used_bytes: _, ...volumeShown } = volume as unknown as Record<string, unknown>;
    assert.deepEqual(found.find(({ type }) => type === 'volume.created')?.object, volumeShown);
    assert.doesNotMatch(JSON.stringify(found), /canary-9d1/);
    const stored = await sql`select events::text from events`.execute(harness.db);
    assert.doesNotMatch(JSON.stringify(stored.rows), /canary-9d1/);
  });

  it('has every field of the API but env', async () => {
    const { rows } = await sql<{ container: string[]; volume: string[] }>`
      select event_columns('container') as container, event_columns('volume') as volume`.execute(
      harness.db,
    );
    const [columns] = rows;
    assert.ok(columns);
    const containerFields = Object.keys(Container.properties).filter(
      (field) => field !== 'env' && field !== 'org',
    );
    assert.deepEqual(columns.container.toSorted(), containerFields.toSorted());
    const volumeFields = Object.keys(Volume.properties).filter(
      (field) => field !== 'used_bytes' && field !== 'org',
    );
    const volumeColumns = columns.volume.map((column) =>
      column === 'container_id' ? 'container' : column,
    );
    assert.deepEqual(volumeColumns.toSorted(), volumeFields.toSorted());
  });

  it('has an event of a volume that is mounted and released', async () => {
    const { api } = await callerAdd();
    const volume = assertVolume(await api.post('/volumes/', { name: 'data', size_gb: 1 }), 201);
    const volumes = [{ volume: volume.id, mount_path: '/data' }];
    const id = await containerAdd(api, 'web', { volumes });
    await api.delete(`/containers/${id}/`);
    const ofVolume = (await events(api)).filter(({ type }) => type.startsWith('volume.'));
    assert.deepEqual(typesOf(ofVolume), ['volume.created', 'volume.updated', 'volume.updated']);
    assert.equal(ofVolume[1]?.object['container'], id);
    assert.equal(ofVolume[2]?.previous_attributes['container'], id);
    assert.equal(ofVolume[2]?.object['container'], null);
  });

  it('has no event where nothing shows', async () => {
    const { api, org } = await callerAdd();
    const id = await containerAdd(api);
    const count = (await events(api)).length;
    await api.patch(`/containers/${id}/`, { image: 'x:1' });
    await harness.db
      .updateTable('containers')
      .set({ applied_ref: 'abc' })
      .where('id', '=', id)
      .execute();
    const input = { orgId: org.id, limits: { container_limit: 7 } };
    await harness.db
      .transaction()
      .execute((trx) => orgLimitsUpdate(trx, OPERATOR, input, { clock: harness.clock }));
    assert.equal((await events(api)).length, count);
  });

  it('cuts a very large object down', async () => {
    const { api } = await callerAdd();
    await containerAdd(api, 'web', { command: ['x'.repeat(60_000)] });
    const created = (await events(api)).at(-1);
    assert.equal(created?.object['truncated'], true);
    assert.equal(created.object['name'], 'web');
    assert.equal('command' in created.object, false);
  });

  it('is read in pages, each resumed by the id of the last event', async () => {
    const { api } = await callerAdd();
    for (let index = 0; index < 5; index += 1) await containerAdd(api, `c${index}`);
    const all = await events(api);
    assert.equal(all.length, 6);
    const first = await api.get('/events/?limit=2');
    assert.equal(first.body.previous, null);
    const path = (first.body.next ?? '').slice(`${PUBLIC_URL}/api/v1`.length);
    assert.match(path, /^\/events\/\?limit=2&cursor=/);
    assert.deepEqual((await api.get(path)).body.results, all.slice(2, 4));
    assert.deepEqual(await events(api, `?cursor=${all[3]?.id}`), all.slice(4));
  });

  it('can be limited to one object, and to the newest events', async () => {
    const { api } = await callerAdd();
    const one = await containerAdd(api, 'one');
    const two = await containerAdd(api, 'two');
    await statusSet(one, 'failed');
    await statusSet(one, 'running');
    const told = async (query: string) =>
      (await events(api, query)).map(({ type, object }) => `${type} ${String(object['name'])}`);
    const ofOne = ['container.created one', ...Array(2).fill('container.status_changed one')];
    assert.deepEqual(await told(`?object=container:${one}`), ofOne);
    assert.deepEqual(await told(`?object=container:${one}&tail=2`), ofOne.slice(1));
    assert.deepEqual(await told(`?object=container:${two}&tail=9`), ['container.created two']);
    assert.equal((await told('?object=container&tail=500')).length, 4);
    assert.deepEqual(await told('?object=volume&tail=5'), []);
    const [first] = await events(api, '?tail=1');
    assert.equal(first?.object['status'], 'running');
    for (const query of [
      `?tail=1&cursor=${first?.id}`,
      '?tail=0',
      '?object=Container',
      '?object=container:x',
    ]) {
      assertError(await api.get(`/events/${query}`), 400, 'validation_error');
    }
  });

  it('is of one org, and shows nothing of another', async () => {
    const one = await callerAdd();
    const other = await callerAdd();
    await containerAdd(other.api, 'theirs');
    assert.deepEqual(typesOf(await events(one.api)), ['org.created']);
    await harness.memberAdd(other.org, one.userId, 'member');
    assertError(await one.api.get('/events/'), 400, 'org_required');
    const theirs = typesOf(await events(one.api, `?org=${other.org.slug}`));
    assert.deepEqual(theirs, ['org.created', 'container.created', 'member.created']);
  });

  it('refuses a cursor that is none', async () => {
    const { api } = await callerAdd();
    const sse = { accept: 'text/event-stream' };
    for (const [field, refused] of [
      ['cursor', await api.get('/events/?cursor=abc')],
      ['Last-Event-ID', await api.get('/events/', { 'last-event-id': '£' })],
      ['tail', await api.get('/events/?tail=2', sse)],
    ] as const) {
      assertFaults(refused, [field]);
      // Some clients show the message alone.
      assert.match(refused.text, new RegExp(`"message":"The field ..${field}.. is not valid`));
    }
  });

  it('answers 410 to a cursor from before the events that are kept', async () => {
    const { api } = await callerAdd();
    await containerAdd(api, 'a');
    const [first] = await events(api);
    assert.ok(first);
    await sql`update events set at = at - interval '31 days'`.execute(harness.db);
    const id = await containerAdd(api, 'b');
    await eventsPurge(harness.db, new Date());
    const reply = await api.get(`/events/?cursor=${first.id}`);
    assertError(reply, 410, 'cursor_expired');
    const oldest = String(reply.body.error?.detail['oldest']);
    const rest = await events(api, `?cursor=${oldest}`);
    assert.deepEqual(
      rest.map(({ object }) => object['id']),
      [id],
    );
  });

  it('keeps the newest events of an org that has more than its share', async () => {
    const { api } = await harness.callerAdd();
    for (const name of ['a', 'b', 'c']) await containerAdd(api, name);
    const all = await events(api);
    const { rows } = await sql<{ bytes: number }>`
      select pg_column_size(object) + pg_column_size(previous_attributes) as bytes
      from events where object->>'name' = 'c' order by at desc limit 1`.execute(harness.db);
    await eventsPurge(harness.db, new Date(), (rows[0]?.bytes ?? 0) * 2 + 1);
    const kept = await events(api);
    assert.deepEqual(kept, all.slice(-kept.length));
    assert.ok(kept.length > 0 && kept.length < all.length, `${kept.length} of ${all.length}`);
    assertError(await api.get(`/events/?cursor=${all[0]?.id}`), 410, 'cursor_expired');
  });

  it('starts a new feed in a database that came from another cluster', async () => {
    const other = await harnessOpen({ PUBLIC_URL });
    try {
      const { api } = await callerAdd({}, other);
      const id = await containerAdd(api);
      await eventsFinal(other.db);
      const [first] = await eventsNow(api);
      await eventFeedCheck(other.db);
      assert.equal((await eventsNow(api)).length, 2, 'positions of this cluster are kept');
      await sql`update events set position = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8`.execute(
        other.db,
      );
      await sql`alter table containers disable trigger event_record`.execute(other.db);
      await sql`update containers set event_position = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8`.execute(
        other.db,
      );
      await sql`alter table containers enable trigger event_record`.execute(other.db);
      await eventFeedCheck(other.db);
      assertError(await api.get(`/events/?cursor=${first?.id}`), 410, 'cursor_expired');
      await api.patch(`/containers/${id}/`, { image: 'x:2' });
      await eventsFinal(other.db);
      assert.deepEqual(typesOf(await eventsNow(api)), ['container.updated']);
    } finally {
      await other.close();
    }
  });
});

interface HeldBack {
  transaction: { pid: number; database: string } | null;
}

describe('a reader that resumes', () => {
  it('misses nothing where a transaction commits late', async () => {
    const { api, token } = await callerAdd();
    const early = await containerAdd(api, 'early');
    const late = await containerAdd(api, 'late');
    const stream = await follow(harness, { token });
    const db = databaseOpen({ connectionString: harness.databaseUrl });
    const isWritten = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const lateWrite = db.transaction().execute(async (trx) => {
      await trx
        .updateTable('containers')
        .set({ status: 'running' })
        .where('id', '=', late)
        .execute();
      isWritten.resolve();
      await mayCommit.promise;
    });
    await isWritten.promise;
    // This one gets a higher number, and commits first.
    await statusSet(early, 'running');
    const before = await eventsNow(api);
    mayCommit.resolve();
    await lateWrite;
    const last = before.at(-1);
    const rest = await events(api, last === undefined ? '' : `?cursor=${last.id}`);
    const changed = [...before, ...rest].filter(({ type }) => type.endsWith('status_changed'));
    assert.deepEqual(changed.map(({ object }) => object['id']).toSorted(), [early, late]);
    const followed = () => stream.rows.filter(({ type }) => type.endsWith('status_changed'));
    for (let count = 1; followed().length < 2; count += 1) await stream.has(count);
    assert.deepEqual(
      followed().map(({ id }) => id),
      changed.map(({ id }) => id),
    );
    stream.close();
    await db.destroy();
  });

  it('gets the changes of one object in their order, whatever the order of transactions', async () => {
    const { api } = await callerAdd();
    const id = await containerAdd(api);
    const db = databaseOpen({ connectionString: harness.databaseUrl });
    const hasId = Promise.withResolvers<void>();
    const mayWrite = Promise.withResolvers<void>();
    // Its transaction id is lower than that of the write that comes first.
    const second = db.transaction().execute(async (trx) => {
      await sql`select pg_current_xact_id()`.execute(trx);
      hasId.resolve();
      await mayWrite.promise;
      await trx.updateTable('containers').set({ status: 'failed' }).where('id', '=', id).execute();
    });
    await hasId.promise;
    await statusSet(id, 'running');
    mayWrite.resolve();
    await second;
    await db.destroy();
    const changed = (await events(api)).filter(({ type }) => type.endsWith('status_changed'));
    assert.deepEqual(
      changed.map(({ object, previous_attributes: { status } }) => [status, object['status']]),
      [
        ['pending', 'running'],
        ['running', 'failed'],
      ],
    );
  });

  it('waits for a transaction of another database, which is reported', async () => {
    const { api, token } = await callerAdd();
    await eventsFinal();
    const url = new URL(harness.databaseUrl);
    url.pathname = '/postgres';
    const foreign = databaseOpen({ connectionString: url.href });
    const isOpen = Promise.withResolvers<number | undefined>();
    const mayEnd = Promise.withResolvers<void>();
    const held = foreign.transaction().execute(async (trx) => {
      const { rows } = await sql<{ pid: number }>`
        select pg_backend_pid() as pid, pg_current_xact_id()`.execute(trx);
      isOpen.resolve(rows[0]?.pid);
      await mayEnd.promise;
    });
    try {
      const pid = await isOpen.promise;
      await containerAdd(api);
      assert.deepEqual(typesOf(await eventsNow(api)), ['org.created']);
      assert.ok((await eventsLagSeconds(harness.db)) > 0);
      const metrics = metricsCreate();
      eventMetricsRegister(metrics, harness.db);
      const shown = /^dollarbox_events_lag_seconds (\S+)$/m.exec(await metrics.registry.metrics());
      assert.ok(Number(shown?.[1]) > 0);
      // As if it had been open for a while, which is when the log names it.
      await sql`update events set at = at - interval '1 minute' where type = 'container.created'`.execute(
        harness.db,
      );
      const stream = await follow(harness, { token });
      const reports = () => {
        const lines = harness.logText().matchAll(/^.*an open transaction holds events back.*$/gm);
        return Array.from(lines, ([line]) => JSON.parse(line) as HeldBack);
      };
      const isReported = () => reports().some(({ transaction }) => transaction?.pid === pid);
      for (let seen = 0; !isReported(); await delay(50)) {
        const { length } = reports();
        // That of another test may be older. The next report is due a minute after the last.
        if (length > seen) harness.clock.advance(60_000);
        seen = length;
      }
      const own = reports().find(({ transaction }) => transaction?.pid === pid);
      assert.equal(own?.transaction?.database, 'postgres');
      stream.close();
    } finally {
      mayEnd.resolve();
      await held;
      await foreign.destroy();
    }
    assert.deepEqual(typesOf(await events(api)), ['org.created', 'container.created']);
  });
});

describe('a stream of events', () => {
  it('goes on with what happens, on any process', async () => {
    const { api, token } = await callerAdd();
    const other = await harness.appAdd();
    await eventsFinal();
    const stream = await follow(other, { token });
    const id = await containerAdd(api);
    await statusSet(id, 'running');
    await stream.has(2);
    assert.deepEqual(typesOf(stream.rows), ['container.created', 'container.status_changed']);
    assert.deepEqual(
      stream.rows.map(({ data }) => data),
      (await events(api)).slice(1),
    );
    stream.close();
  });

  it('begins with an id, from which a client resumes that has seen no event', async () => {
    const { api, token } = await callerAdd();
    await eventsFinal();
    const cut = await follow(harness, { token });
    cut.close();
    const id = await containerAdd(api);
    const stream = await follow(harness, { token }, { 'last-event-id': cut.startId() });
    await stream.has(1);
    assert.deepEqual(stream.rows[0]?.data.object['id'], id);
    assert.equal(stream.startId(), cut.startId());
    stream.close();
  });

  it('resumes behind the last event that the client has seen', async () => {
    const { api, token } = await callerAdd();
    for (const name of ['a', 'b', 'c']) await containerAdd(api, name);
    const [, a, ...rest] = await events(api);
    const stream = await follow(harness, { token }, { 'last-event-id': a?.id ?? '' });
    await stream.has(2);
    assert.deepEqual(
      stream.rows.map(({ id }) => id),
      rest.map(({ id }) => id),
    );
    stream.close();
  });

  it('has every event once, though many come at a time', async () => {
    const { api, token } = await callerAdd();
    await eventsFinal();
    const streams = [await follow(harness, { token }), await follow(harness, { token })];
    await containerAdd(api, 'before');
    for (const stream of streams) await stream.has(1);
    const { org } = assertContainer(await api.get(`/containers/${await containerAdd(api)}/`), 200);
    // More than the feed keeps for a stream, more than are read at a time, and fewer than both.
    for (const [round, count] of [10, 60, 450].entries()) {
      await harness.db.transaction().execute(async (trx) => {
        for (let change = 0; change < count; change += 1) {
          const name = `Round ${round}, ${change}`;
          await trx.updateTable('orgs').set({ name }).where('slug', '=', org).execute();
        }
      });
      const one = await containerAdd(api, `after-${round}`);
      await api.delete(`/containers/${one}/`);
    }
    const all: string[] = [];
    for (let query = '?limit=200'; ;) {
      const page = await events(api, query);
      all.push(...page.map(({ id }) => id));
      if (page.length < 200) break;
      query = `?limit=200&cursor=${all.at(-1)}`;
    }
    for (const stream of streams) {
      const from = all.indexOf(stream.rows[0]?.id ?? '');
      assert.ok(from !== -1);
      await stream.has(all.length - from);
      assert.deepEqual(
        stream.rows.map(({ id }) => id),
        all.slice(from),
      );
      stream.close();
    }
  });

  it('is JSON lines if the client wants those', async () => {
    const { api, token } = await callerAdd();
    const [first] = await events(api);
    const id = await containerAdd(api);
    const response = await fetch(`${harness.origin}/api/v1/events/?cursor=${first?.id}`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
    });
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-ndjson/);
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.trim() !== '') break;
    }
    assert.equal((JSON.parse(text) as Event).object['id'], id);
  });

  const ENDS: [string, (caller: TestCaller) => Promise<unknown>][] = [
    ['its token is revoked', ({ token }) => revoke(token)],
    ['its user is removed from the org', ({ userId }) => membershipEnd(userId)],
    ['its user is disabled', ({ userId }) => userDisable(userId)],
    ["the org's API is turned off", ({ org }) => apiTurnOff(org.id)],
  ];
  for (const [name, end] of ENDS) {
    it(`ends when ${name}`, async () => {
      const caller = await callerAdd();
      const stream = await follow(harness, caller);
      await end(caller);
      await stream.ended;
      const last = stream.rows.at(-1);
      assert.deepEqual(last?.data, { type: 'end', reason: 'access_ended' });
      assert.equal(last.id, null);
    });
  }

  it('shows what the role of its reader permits when an event comes', async () => {
    const { api, org } = await callerAdd();
    const userId = await harness.userAdd();
    await harness.memberAdd(org, userId, 'admin');
    const stream = await follow(harness, { token: await harness.tokenAdd(userId) });
    let rounds = 0;
    /** @returns whether the event of a new invitation has come before one that everybody sees. */
    async function isInvitationShown(): Promise<boolean> {
      const email = `person-${(rounds += 1)}@example.invalid`;
      const invited = await api.post('/invitations/', { email, role: 'member' });
      assert.equal(invited.status, 201, invited.text);
      await api.delete(`/invitations/${invited.body.id}/`);
      const id = await containerAdd(api, `round-${rounds}`);
      const isThere = () => stream.rows.some(({ data }) => data.object['id'] === id);
      while (!isThere()) await stream.has(stream.rows.length + 1);
      return stream.rows.some(({ data }) => data.object['email'] === email);
    }
    assert.equal(await isInvitationShown(), true);
    await harness.db
      .updateTable('memberships')
      .set({ role: 'member' })
      .where('user_id', '=', userId)
      .execute();
    // The change is seen with the next look at roles.
    while (await isInvitationShown()) await delay(100);
    assert.equal(await isInvitationShown(), false);
    stream.close();
  });

  it('ends when the server stops, and tells the client to come back', async () => {
    const { api, token } = await callerAdd();
    await containerAdd(api);
    const app = await harness.appAdd();
    const stream = await follow(app, { token });
    await app.deps.events.close();
    await stream.ended;
    assert.deepEqual(stream.rows.at(-1)?.data, { type: 'end', reason: 'server_stopping' });
  });

  it('is one of at most 50 of an org', async () => {
    const caller = await callerAdd();
    const app = await harness.appAdd();
    const streams = await Promise.all(Array.from({ length: 50 }, () => follow(app, caller)));
    const refused = await app.client(caller.token).get('/events/', { accept: 'text/event-stream' });
    assertError(refused, 429, 'rate_limited');
    assert.ok(Number(refused.headers['retry-after']) > 0);
    for (const stream of streams) stream.close();
  });
});

async function revoke(token: string): Promise<void> {
  await tokenRowRevoke(harness.db, token.split('_')[1] ?? '', harness.clock.now());
}

async function membershipEnd(userId: number): Promise<void> {
  await harness.db.deleteFrom('memberships').where('user_id', '=', userId).execute();
}

async function userDisable(userId: number): Promise<void> {
  const disabled_at = harness.clock.now();
  await harness.db.updateTable('users').set({ disabled_at }).where('id', '=', userId).execute();
}

async function apiTurnOff(orgId: number): Promise<void> {
  await harness.db
    .updateTable('orgs')
    .set({ api_enabled: false })
    .where('id', '=', orgId)
    .execute();
}

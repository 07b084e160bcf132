import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { systemFakeClock } from '@dollarbox/engines/fake/clock';
import { tamperCreate } from '@dollarbox/engines/fake/tamper';
import { fakeWorldCreate } from '@dollarbox/engines/fake/world';
import { instanceRecord } from '../../src/containers/instances.ts';
import type { LogRow } from '../../src/logs/schema.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, assertContainer, assertError } from '../support/http-client.ts';
import { type LogStream, logStreamOpen } from '../support/log-stream.ts';

/** How often the engine was asked what a container uses. */
let looks = 0;
const world = fakeWorldCreate({ clock: systemFakeClock(), seed: 1, unknownImage: {} });
const engine = fakeEngineCreate(world, { installationId: 'ours' });
const tamper = tamperCreate(world, 'ours');

let harness: Harness;
let caller: TestCaller;
before(async () => {
  const access = {
    ...engine.access,
    usage(ref: string) {
      looks += 1;
      return engine.access.usage(ref);
    },
  };
  harness = await harnessOpen({}, {}, access);
  caller = await harness.callerAdd();
});
after(async () => {
  await harness.close();
  await engine.close();
});

/** Longer than anything takes that happens at all, in milliseconds. */
const PATIENCE_MS = 300_000;

let serial = 0;

/** Starts the object of a container, and records the start as the reconciler does while its turn goes on. */
async function startRecord(id: number, generation = 1, { org } = caller): Promise<string> {
  const image = 'app:1';
  const wanted = { ref: image, tenantId: org.id, since: new Date(0), containerId: id };
  let state = await engine.images.ensure(wanted);
  while (state.state !== 'present') {
    await delay(1);
    state = await engine.images.observe(wanted);
  }
  const made = await engine.containers.apply({
    ...{ id, tenantId: org.id, name: `box-${id}`, image, imageId: state.imageId, env: {} },
    ...{ command: [], ports: [], volumes: [], init: false },
    ipv6Address: `fd00::${id.toString(16)}`,
  });
  assert.ok(made.startedAt);
  const { fence } = await harness.db
    .selectFrom('work')
    .select('fence')
    .where('kind', '=', 'container')
    .where('object_id', '=', id)
    .executeTakeFirstOrThrow();
  const instance = { ref: made.ref, startedAt: made.startedAt, isApart: false };
  await instanceRecord(harness.db, { id, fence }, generation, instance);
  return made.ref;
}

/** Starts the object of a container as the reconciler does in a whole turn. */
async function objectStart(id: number, generation = 1, owner = caller): Promise<string> {
  const ref = await startRecord(id, generation, owner);
  await harness.db
    .updateTable('containers')
    .set((eb) => ({
      ...{ applied_ref: ref, status: 'running' as const },
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
  return ref;
}

/** What the reconciler records when a process has ended. */
async function failedTell(id: number): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({ status: 'failed', revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

async function containerRun(owner = caller): Promise<number> {
  const body = { name: `box-${(serial += 1)}`, image: 'app:1' };
  const { id } = assertContainer(await owner.api.post('/containers/', body), 201);
  await objectStart(id, 1, owner);
  return id;
}

async function rowsOf(path: string, api: Client = caller.api) {
  const reply = await api.get(path);
  assert.equal(reply.status, 200, reply.text);
  const { next, previous, results } = reply.body as unknown as {
    next: string | null;
    previous: string | null;
    results: LogRow[];
  };
  return { next, previous, rows: results, texts: results.map(({ text }) => text) };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index}`);

const pathOf = (url: string | null) =>
  url === null ? assert.fail('no link') : url.replace(/^.*\/api\/v1/, '');

function follow(
  path: string,
  { app = harness, token = caller.token, lastId }: FollowOptions = {},
): Promise<LogStream> {
  return logStreamOpen(app, token, path, lastId);
}

interface FollowOptions {
  app?: TestApp;
  token?: string;
  lastId?: string;
}

describe('the log as a list', () => {
  it('is the last lines, and pages back to the first', async () => {
    const id = await containerRun();
    tamper.linesWrite(id, numbers(0, 500));
    const last = await rowsOf(`/containers/${id}/logs/?tail=100&limit=150`);
    assert.deepEqual(last.texts, numbers(400, 500));
    assert.equal(last.next, null);
    assert.deepEqual(
      new Set(
        last.rows.map(({ type, stream, instance, cut }) => [type, stream, instance, cut].join()),
      ),
      new Set(['line,stdout,1,false']),
    );
    const before = await rowsOf(pathOf(last.previous));
    assert.deepEqual(before.texts, numbers(250, 400));
    const first = await rowsOf(pathOf((await rowsOf(pathOf(before.previous))).previous));
    assert.deepEqual(first.texts, numbers(0, 100));
    assert.equal(first.previous, null);
    const on = await rowsOf(pathOf(first.next));
    assert.deepEqual(on.texts, numbers(100, 250));
    tamper.linesWrite(id, numbers(500, 510));
    const end = last.rows.at(-1)?.cursor;
    assert.deepEqual(
      (await rowsOf(`/containers/${id}/logs/?cursor=${end}`)).texts,
      numbers(500, 510),
    );
  });

  it('is filtered by stream, text and time', async () => {
    const id = await containerRun();
    tamper.linesWrite(id, ['good one', 'bad one']);
    await delay(5);
    const middle = new Date().toISOString();
    tamper.linesWrite(id, ['bad two'], 'stderr');
    const texts = async (query: string) => (await rowsOf(`/containers/${id}/logs/${query}`)).texts;
    assert.deepEqual(await texts('?contains=bad'), ['bad one', 'bad two']);
    assert.deepEqual(await texts('?stream=stderr'), ['bad two']);
    assert.deepEqual(await texts(`?since=${middle}`), ['bad two']);
    assert.deepEqual(await texts(`?until=${middle}`), ['good one', 'bad one']);
    assert.deepEqual(await texts('?tail=0'), []);
    const wrong = `/containers/${id}/logs/?since=2026-13-01T00:00:00Z`;
    assertError(await caller.api.get(wrong), 400, 'validation_error');
  });

  it('tells what the engine has lost', async () => {
    const id = await containerRun();
    tamper.linesWrite(id, ['first']);
    const [first] = (await rowsOf(`/containers/${id}/logs/`)).rows;
    tamper.linesWrite(id, numbers(0, 1200));
    const { rows } = await rowsOf(`/containers/${id}/logs/?cursor=${first?.cursor}&limit=3`);
    assert.deepEqual(
      rows.map(({ type, text }) => [type, text]),
      [
        ['gap', null],
        ['line', 'line 200'],
        ['line', 'line 201'],
      ],
    );
    tamper.remove(id);
    assert.deepEqual(
      (await rowsOf(`/containers/${id}/logs/`)).rows.map(({ type, instance }) => [type, instance]),
      [['gap', 1]],
    );
  });
});

describe('following the log', () => {
  it('gives every line once, over resumptions, restarts and two processes', async () => {
    const id = await containerRun();
    const other = await harness.appAdd();
    tamper.linesWrite(id, numbers(0, 50));
    const stream = await follow(`/containers/${id}/logs/?tail=10`);
    await stream.has(10);
    tamper.linesWrite(id, numbers(50, 100));
    await stream.has(60);
    assert.deepEqual(stream.texts(), numbers(40, 100));
    const lastId = stream.rows.at(-1)?.id ?? assert.fail();
    stream.close();
    tamper.linesWrite(id, numbers(100, 200));
    const resumed = await follow(`/containers/${id}/logs/?tail=10`, { app: other, lastId });
    await resumed.has(100);
    // Its process ends, and is started again in the same object.
    tamper.kill(id);
    await failedTell(id);
    await objectStart(id);
    tamper.linesWrite(id, numbers(200, 300));
    await resumed.has(200);
    assert.deepEqual(resumed.texts(), numbers(100, 300));
    assert.equal(resumed.rows.at(-1)?.data.instance, 2);
    // Another object takes its place.
    const ended = resumed.rows.length;
    tamper.remove(id);
    await failedTell(id);
    await objectStart(id, 2);
    tamper.linesWrite(id, numbers(300, 310));
    while (!resumed.texts().includes('line 309')) await resumed.has(resumed.rows.length + 1);
    assert.equal(resumed.rows[ended]?.type, 'gap');
    assert.deepEqual(resumed.texts().slice(200), numbers(300, 310));
    await caller.api.delete(`/containers/${id}/`);
    await resumed.ended;
    assert.deepEqual(resumed.rows.at(-1)?.data, { type: 'end', reason: 'deleted' });
  });

  it('loses nothing while lines come fast and readers come at any time', async () => {
    const id = await containerRun();
    const streams: LogStream[] = [];
    for (let round = 0; round < 8; round += 1) {
      tamper.linesWrite(id, numbers(round * 100, round * 100 + 50));
      streams.push(await follow(`/containers/${id}/logs/?tail=1000`));
      tamper.linesWrite(id, numbers(round * 100 + 50, round * 100 + 100));
    }
    for (const stream of streams) {
      await stream.has(800);
      assert.deepEqual(stream.texts(), numbers(0, 800));
      stream.close();
    }
  });

  it('goes on as soon as a start is recorded, before the turn is', async () => {
    const body = { name: `box-${(serial += 1)}`, image: 'app:1' };
    const { id } = assertContainer(await caller.api.post('/containers/', body), 201);
    const { id: tokenId } = await harness.db
      .selectFrom('tokens')
      .select('id')
      .where('user_id', '=', caller.userId)
      .executeTakeFirstOrThrow();
    const { events } = (await harness.appAdd()).deps;
    const orgId = caller.org.id;
    const subscription = await events.subscribe(
      { orgId, kind: 'container', objectId: id, isFollower: true },
      { tokenId, sessionId: null, orgId },
      { role: 'owner' },
    );
    await startRecord(id);
    assert.equal(await subscription.next(PATIENCE_MS), 'changed');
    subscription.close();
  });

  it('is limited for a container, and a place is free again when a stream ends', async () => {
    const id = await containerRun();
    const path = `/containers/${id}/logs/`;
    const streams = await Promise.all(Array.from({ length: 10 }, () => follow(path)));
    const refused = await caller.api.get(path, { accept: 'application/x-ndjson' });
    assertError(refused, 429, 'rate_limited');
    assert.ok(Number(refused.headers['retry-after']) > 0);
    streams[0]?.close();
    for (;;) {
      const key = [[`log streams of container ${id}`, 10]] as const;
      if (harness.deps.events.places.take(key) === null) {
        harness.deps.events.places.release(key);
        break;
      }
      await delay(10);
    }
    for (const stream of streams) stream.close();
  });

  it('is limited for an org, whichever of its containers', async () => {
    const own = await harness.callerAdd();
    const other = await harness.callerAdd();
    const app = await harness.appAdd();
    const made = async ({ api }: TestCaller, name: string) =>
      assertContainer(await api.post('/containers/', { name, image: 'app:1' }), 201).id;
    const streams: LogStream[] = [];
    for (let index = 0; index < 5; index += 1) {
      const path = `/containers/${await made(own, `box-${index}`)}/logs/`;
      const opened = Array.from({ length: 10 }, () => follow(path, { app, token: own.token }));
      streams.push(...(await Promise.all(opened)));
    }
    const path = `/containers/${await made(own, 'box-5')}/logs/`;
    const asked = { accept: 'text/event-stream' };
    assertError(await app.client(own.token).get(path, asked), 429, 'rate_limited');
    const theirs = `/containers/${await made(other, 'box')}/logs/`;
    streams.push(await follow(theirs, { app, token: other.token }));
    for (const stream of streams) stream.close();
  });

  it('counts as one request for the rate limit, however long it lasts', async () => {
    const app = await harness.appAdd({ RATE_LIMIT_PER_MINUTE: '3' });
    const token = await harness.tokenAdd(caller.userId);
    const id = await containerRun();
    const stream = await follow(`/containers/${id}/logs/`, { app, token });
    for (let round = 1; round <= 20; round += 1) {
      tamper.linesWrite(id, ['line']);
      await stream.has(round);
    }
    const statuses: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      statuses.push((await app.client(token).get(`/containers/${id}/`)).status);
    }
    assert.deepEqual(statuses, [200, 200, 429]);
    stream.close();
  });

  it('is JSON lines if the client wants those', async () => {
    const id = await containerRun();
    tamper.linesWrite(id, numbers(0, 3));
    const response = await fetch(`${harness.origin}/api/v1/containers/${id}/logs/`, {
      headers: { authorization: `Bearer ${caller.token}`, accept: 'application/x-ndjson' },
    });
    assert.match(response.headers.get('content-type') ?? '', /^application\/x-ndjson/);
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      if (text.includes('line 2"') && text.endsWith('\n')) break;
    }
    const rows = text.split('\n').filter((line) => line !== '');
    assert.deepEqual(
      rows.map((row) => (JSON.parse(row) as LogRow).text),
      numbers(0, 3),
    );
  });

  it('of a reader that takes nothing holds up neither other readers nor other orgs', async () => {
    const other = await harness.callerAdd();
    const [id, theirs] = [await containerRun(), await containerRun(other)];
    const path = `/containers/${id}/logs/?tail=1000`;
    const [stalled, reader] = [await follow(path), await follow(path)];
    stalled.pause();
    const neighbour = await follow(`/containers/${theirs}/logs/`, { token: other.token });
    // More than the connection holds, and at each time no more than the engine keeps.
    const padding = 'x'.repeat(4000);
    const long = (from: number, to: number) =>
      numbers(from, to).map((text) => `${text} ${padding}`);
    for (let round = 0; round < 20; round += 1) {
      tamper.linesWrite(id, long(round * 500, round * 500 + 500));
      tamper.linesWrite(theirs, numbers(round, round + 1));
      await neighbour.has(round + 1);
      await reader.has(round * 500 + 500);
    }
    assert.deepEqual(reader.texts(), long(0, 10_000));
    assert.deepEqual(neighbour.texts(), numbers(0, 20));
    // Nothing was held for it: it gets what the engine still has.
    stalled.resume();
    const last = long(9999, 10_000)[0];
    while (stalled.texts().at(-1) !== last) await stalled.has(stalled.rows.length + 1);
    assert.equal(stalled.rows.filter(({ type }) => type === 'gap').length, 1);
    const seen = stalled.texts();
    assert.ok(seen.length < 10_000);
    assert.deepEqual(seen.slice(-1000), long(9000, 10_000));
    for (const stream of [stalled, reader, neighbour]) stream.close();
  });

  it('ends when its reader is removed from the org', async () => {
    const { org, userId, token, api } = await harness.callerAdd({ role: 'member' });
    const { id } = assertContainer(
      await api.post('/containers/', { name: 'box', image: 'app:1' }),
      201,
    );
    const stream = await follow(`/containers/${id}/logs/`, { token });
    await harness.db
      .deleteFrom('memberships')
      .where('user_id', '=', userId)
      .where('org_id', '=', org.id)
      .execute();
    await stream.ended;
    assert.deepEqual(stream.rows.at(-1)?.data, { type: 'end', reason: 'access_ended' });
    assert.equal(stream.comments(), 1, 'long before the next comment');
  });

  it('ends when access does, also of who reads nothing, and when the server stops', async () => {
    const id = await containerRun();
    const path = `/containers/${id}/logs/`;
    const token = await harness.tokenAdd(caller.userId);
    const [stream, idle] = [await follow(path, { token }), await follow(path, { token })];
    idle.pause();
    const app = await harness.appAdd();
    const stopped = await follow(path, { app });
    await app.close();
    await stopped.ended;
    assert.equal(stopped.rows.at(-1)?.data.reason, 'server_stopping');
    const publicId = token.split('_')[1] ?? '';
    await harness.db.transaction().execute((trx) => tokenRowRevoke(trx, publicId, new Date()));
    await stream.ended;
    assert.equal(stream.rows.at(-1)?.data.reason, 'access_ended');
    assert.equal(stream.comments(), 1, 'long before the next comment');
    idle.resume();
    await idle.ended;
  });
});

describe('usage', () => {
  it('is what the engine tells, and null where nothing is known', async () => {
    const id = await containerRun();
    const path = `/containers/${id}/stats/`;
    const { body } = await caller.api.get(path);
    const stats = body as unknown as Record<string, unknown>;
    assert.equal(stats['memory_bytes'], 1_048_576);
    assert.equal(stats['cpu_seconds'], null);
    assert.equal(stats['volume_bytes'], 0);
    assert.equal(typeof stats['observed_at'], 'string');
  });

  it('is looked at once for all who ask at the same time', async () => {
    const id = await containerRun();
    const path = `/containers/${id}/stats/`;
    looks = 0;
    const replies = await Promise.all(Array.from({ length: 8 }, () => caller.api.get(path)));
    for (const { status } of replies) assert.equal(status, 200);
    assert.ok(looks < 8, `${looks} looks`);
  });
});

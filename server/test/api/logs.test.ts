import assert from 'node:assert/strict';
import { request } from 'node:http';
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

const world = fakeWorldCreate({ clock: systemFakeClock(), seed: 1, unknownImage: {} });
const engine = fakeEngineCreate(world, { installationId: 'ours' });
const tamper = tamperCreate(world, 'ours');

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen({}, {}, engine.access);
  caller = await harness.callerAdd();
});
after(async () => {
  await harness.close();
  await engine.close();
});

let serial = 0;

/** Starts the object of a container as the reconciler does. */
async function objectStart(id: number, generation = 1): Promise<string> {
  const { org } = caller;
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
  const instance = { ref: made.ref, startedAt: made.startedAt };
  await instanceRecord(harness.db, { id, fence }, generation, instance);
  await harness.db
    .updateTable('containers')
    .set((eb) => ({
      ...{ applied_ref: made.ref, status: 'running' as const },
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
  return made.ref;
}

/** What the reconciler records when a process has ended. */
async function failedTell(id: number): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({ status: 'failed', revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

async function containerRun(): Promise<number> {
  const body = { name: `box-${(serial += 1)}`, image: 'app:1' };
  const { id } = assertContainer(await caller.api.post('/containers/', body), 201);
  await objectStart(id);
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

interface Row {
  id: string | null;
  type: string;
  data: LogRow & { reason?: string };
}

interface Stream {
  rows: Row[];
  texts(): (string | null)[];
  has(count: number): Promise<void>;
  ended: Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
}

/** Follows a log as an EventSource does. */
async function follow(
  path: string,
  options: { app?: TestApp; token?: string; lastId?: string } = {},
) {
  const { app = harness, token = caller.token, lastId } = options;
  const rows: Row[] = [];
  let told = () => {};
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'text/event-stream',
    ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
  };
  const sent = request(`${app.origin}/api/v1${path}`, { headers, agent: false });
  sent.end();
  const reply = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('error', reject);
  });
  assert.equal(reply.statusCode, 200);
  reply.setEncoding('utf8');
  let pending = '';
  reply.on('data', (chunk: string) => {
    pending += chunk;
    const blocks = pending.split('\n\n');
    pending = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(
        block.split('\n').map((line) => [line.split(': ')[0], line.slice(line.indexOf(': ') + 2)]),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      const row = { id: fields.get('id') ?? null, type: fields.get('event') ?? '' };
      rows.push({ ...row, data: JSON.parse(data) as Row['data'] });
    }
    told();
  });
  const ended = new Promise<void>((resolve) => {
    reply.on('close', () => {
      resolve();
      told();
    });
    reply.on('error', () => undefined);
  });
  sent.on('error', () => undefined);
  const stream: Stream = {
    rows,
    texts: () => rows.filter(({ type }) => type === 'line').map(({ data }) => data.text),
    async has(count) {
      while (rows.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
    ended,
    pause: () => void reply.pause(),
    resume: () => void reply.resume(),
    close: () => sent.destroy(),
  };
  return stream;
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
    const streams: Stream[] = [];
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
});

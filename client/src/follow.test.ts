import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dollarboxClientCreate } from './connect.ts';
import { type EventsFollowOptions, eventsFollow, logsFollow } from './follow.ts';

const event = (id: string) => `id: ${id}\nevent: volume.created\ndata: {"id":"${id}"}\n\n`;

/** What a connection sends; `null`: it stays open after that, and `Error`: it breaks. */
type Connection = (string | null | Error)[] | Response;

/** A client whose server takes these connections, one after the other, and how each was asked to begin. */
function scripted(...connections: Connection[]) {
  const resumed: (string | null)[] = [];
  const urls: string[] = [];
  const client = dollarboxClientCreate({
    ...{ baseUrl: 'http://box.example', token: 'dbx_test', retries: 0 },
    async fetch(request) {
      resumed.push(request.headers.get('last-event-id'));
      urls.push(request.url);
      const connection = connections.shift();
      assert.ok(connection, 'one connection too many');
      if (connection instanceof Response) return connection;
      const body = new ReadableStream({
        start(controller) {
          request.signal.addEventListener('abort', () => controller.error(request.signal.reason));
        },
        pull(controller) {
          const next = connection.shift();
          if (next === undefined) controller.close();
          else if (next instanceof Error) controller.error(next);
          else if (next !== null) controller.enqueue(new TextEncoder().encode(next));
          else return new Promise<void>(() => undefined);
          return undefined;
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
  });
  return { client, resumed, urls };
}

/** The ids of the events until there are so many. */
async function idsOf(
  client: ReturnType<typeof scripted>['client'],
  count: number,
  options?: EventsFollowOptions,
): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of eventsFollow(client, options)) {
    ids.push(id);
    if (ids.length === count) break;
  }
  return ids;
}

test('resumes behind the last event, however a connection ends', async () => {
  const reasons: unknown[] = [];
  const broken = new TypeError('terminated');
  const { client, resumed } = scripted(
    ['id: start\n\n', event('1'), event('2'), 'id: 3\nevent: volume.cre'],
    [event('3'), ': alive\n\n', broken],
    ['id: 3\n\n', 'event: end\ndata: {"type":"end","reason":"server_stopping"}\n\n'],
    new Response('{}', { status: 503 }),
    [event('4'), null],
  );
  let opened = 0;
  const ids = await idsOf(client, 4, {
    onConnect: () => (opened += 1),
    onReconnect: (reason) => reasons.push(reason),
  });
  assert.deepEqual(ids, ['1', '2', '3', '4']);
  assert.equal(opened, 4, 'a refused connection was never open');
  assert.deepEqual(resumed, [null, '2', '3', '3', '3']);
  assert.deepEqual(reasons.slice(0, 3), [null, broken, 'server_stopping']);
});

test('is not lost before the first event either', async () => {
  const { client, resumed, urls } = scripted(['id: start\n\n'], [event('1'), null]);
  assert.deepEqual(await idsOf(client, 1, { org: 'acme' }), ['1']);
  assert.deepEqual(resumed, [null, 'start']);
  assert.equal(urls[0], 'http://box.example/api/v1/events/?org=acme');
});

test('starts behind a cursor', async () => {
  const { client, resumed } = scripted([event('8'), null]);
  assert.deepEqual(await idsOf(client, 1, { cursor: '7' }), ['8']);
  assert.deepEqual(resumed, ['7']);
});

test('a connection that has gone silent is given up', async () => {
  const { client, resumed } = scripted([event('1'), null], [event('2'), null]);
  assert.deepEqual(await idsOf(client, 2, { silenceMs: 200 }), ['1', '2']);
  assert.deepEqual(resumed, [null, '1']);
});

test('ends when another try would not help', async () => {
  for (const [status, code] of [
    [401, 'authentication_failed'],
    [404, 'not_found'],
    [410, 'cursor_expired'],
  ] as const) {
    const error = { code, message: 'No.', detail: {} };
    const { client } = scripted([event('1')], Response.json({ error }, { status }));
    await assert.rejects(idsOf(client, 2), { name: 'DollarboxError', code });
  }
});

test('ends when its signal is aborted', async () => {
  const controller = new AbortController();
  const { client } = scripted([event('1'), null]);
  const following = (async () => {
    for await (const { id } of eventsFollow(client, { signal: controller.signal })) {
      controller.abort(new Error(`enough after ${id}`));
    }
  })();
  await assert.rejects(following, /enough after 1/);
});

test('follows a log until its container is deleted', async () => {
  const line = (id: string) =>
    `id: ${id}\nevent: line\ndata: {"type":"line","cursor":"${id}","text":"${id}"}\n\n`;
  const { client, resumed, urls } = scripted(
    ['id: start\n\n', line('1')],
    ['event: gap\ndata: {"type":"gap","cursor":null,"text":null}\n\n', line('2')],
    ['event: end\ndata: {"type":"end","reason":"deleted"}\n\n'],
  );
  const rows = await Array.fromAsync(logsFollow(client, 17, { tail: 5, contains: 'x' }));
  assert.deepEqual(
    rows.map(({ type, cursor }) => [type, cursor]),
    [
      ['line', '1'],
      ['gap', null],
      ['line', '2'],
    ],
  );
  assert.deepEqual(resumed, [null, '1', '2']);
  assert.equal(urls[0], 'http://box.example/api/v1/containers/17/logs/?tail=5&contains=x');
});

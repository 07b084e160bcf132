import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Retry, sendRetrying } from './retry.ts';

type Reply = { status: number; headers?: Record<string, string>; body?: string } | Error;

/** Answers from a script, and keeps the requests and what was waited for. */
function scripted(replies: Reply[], retries?: number) {
  const requests: { key: string | null; body: string }[] = [];
  const waits: Retry[] = [];
  const send = sendRetrying(
    async (request) => {
      requests.push({ key: request.headers.get('idempotency-key'), body: await request.text() });
      const reply = replies.shift();
      assert.ok(reply, 'one request too many');
      if (reply instanceof Error) throw reply;
      const { status, headers = {}, body = null } = reply;
      return new Response(body, { status, headers });
    },
    { ...(retries === undefined ? {} : { retries }), onRetry: (retry) => waits.push(retry) },
  );
  return { send, requests, waits };
}

const URL = 'http://box.example/api/v1/containers/';
const NOW = { 'retry-after': '0' };
const LOST = new TypeError('fetch failed');

for (const [name, reply] of Object.entries<Reply>({
  'is refused for too many requests': { status: 429, headers: NOW },
  'finds no database': { status: 503, headers: NOW },
  'is still being done': {
    status: 409,
    headers: NOW,
    body: '{"error":{"code":"idempotency_in_progress"}}',
  },
  'gets no reply': LOST,
})) {
  test(`a request that ${name} is repeated, a POST with the same key and body`, async () => {
    const { send, requests, waits } = scripted([reply, { status: 201 }]);
    const sent = await send(new Request(URL, { method: 'POST', body: '{"name":"web"}' }));
    assert.equal(sent.status, 201);
    assert.equal(waits.length, 1);
    assert.equal(requests.length, 2);
    assert.match(requests[0]?.key ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(requests[1]?.key, requests[0]?.key);
    assert.deepEqual(
      requests.map(({ body }) => body),
      ['{"name":"web"}', '{"name":"web"}'],
    );
  });
}

test("a caller's own Idempotency-Key is kept, and other methods get none", async () => {
  const { send, requests } = scripted([{ status: 201 }, { status: 200 }]);
  const headers = { 'idempotency-key': 'mine' };
  await send(new Request(URL, { method: 'POST', headers }));
  await send(new Request(URL, { method: 'PATCH', body: '{}' }));
  assert.deepEqual(
    requests.map(({ key }) => key),
    ['mine', null],
  );
});

test('what another try would not change is not repeated', async () => {
  for (const status of [400, 401, 403, 404, 409, 410, 412, 422, 500, 502]) {
    const { send, requests } = scripted([{ status, body: '{"error":{"code":"conflict"}}' }]);
    assert.equal((await send(new Request(URL))).status, status);
    assert.equal(requests.length, 1);
  }
  const { send } = scripted([new Error('a fault of the program')]);
  await assert.rejects(send(new Request(URL)), /a fault of the program/);
});

test('gives up after as many tries as it was given', async () => {
  const busy = { status: 503, headers: NOW };
  const { send, requests } = scripted([busy, busy, busy], 2);
  assert.equal((await send(new Request(URL))).status, 503);
  assert.equal(requests.length, 3);
  const lost = scripted([LOST, LOST], 1);
  await assert.rejects(lost.send(new Request(URL)), LOST);
  const never = scripted([busy], 0);
  assert.equal((await never.send(new Request(URL))).status, 503);
});

test('a DELETE whose reply was lost has succeeded when nothing is left', async () => {
  const lost = scripted([LOST, { status: 404 }]);
  assert.equal((await lost.send(new Request(URL, { method: 'DELETE' }))).status, 204);
  const missing = scripted([{ status: 503, headers: NOW }, { status: 404 }]);
  assert.equal((await missing.send(new Request(URL, { method: 'DELETE' }))).status, 404);
  const read = scripted([LOST, { status: 404 }]);
  assert.equal((await read.send(new Request(URL))).status, 404);
});

test('waits as long as Retry-After says, at most a minute, and can be cancelled meanwhile', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toUTCString();
  for (const [text, least, most] of [
    ['7', 7000, 7500],
    ['86400', 60_000, 60_000],
    [inAnHour, 60_000, 60_000],
    ['soon', 250, 500],
  ] as const) {
    const { send, waits } = scripted([{ status: 429, headers: { 'retry-after': text } }]);
    const controller = new AbortController();
    const sent = send(new Request(URL, { signal: controller.signal }));
    while (waits.length === 0) await new Promise(setImmediate);
    controller.abort(new Error('enough'));
    await assert.rejects(sent, /enough/);
    const delayMs = waits[0]?.delayMs ?? 0;
    assert.ok(delayMs >= least && delayMs <= most, `${text}: ${delayMs}`);
  }
});

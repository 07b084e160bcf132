import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Container,
  DollarboxError,
  dollarboxClientCreate,
  listAll,
  unwrap,
} from './client.ts';

const CONTAINER: Container = {
  id: 17,
  org: 'acme',
  name: 'web',
  image: 'nginx:1.27',
  env: {},
  command: [],
  ports: [],
  volumes: [],
  pull_policy: 'if_not_present',
  stop_grace_seconds: 10,
  init: false,
  status: 'pending',
  status_reason: null,
  status_message: null,
  warnings: [],
  status_since: '2026-11-02T09:30:00.000Z',
  desired_status: 'running',
  restarting: false,
  next_retry_at: null,
  restart_count: 0,
  ipv6_address: null,
  generation: 1,
  observed_generation: 0,
  created_at: '2026-11-02T09:30:00.000Z',
  updated_at: '2026-11-02T09:30:00.000Z',
};

/** A client whose server answers from a script, the last reply again and again; and what it was asked. */
function scripted(...replies: Response[]) {
  const requests: Request[] = [];
  const client = dollarboxClientCreate({
    baseUrl: 'http://box.example:8080/',
    token: 'dbx_test',
    org: 'acme',
    retries: 0,
    async fetch(request) {
      requests.push(request);
      const reply = replies.length > 1 ? replies.shift() : replies[0];
      assert.ok(reply);
      return reply.clone();
    },
  });
  return { client, requests };
}

const json = (body: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(body), {
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  });

const page = (ids: number[], cursor: string | null) =>
  json({
    next:
      cursor === null
        ? null
        : `https://public.example/base/api/v1/containers/?name=x&cursor=${encodeURIComponent(cursor)}`,
    previous: null,
    results: ids.map((id) => ({ ...CONTAINER, id })),
  });

test('sends token and org to the API below the base URL', async () => {
  const { client, requests } = scripted(json(CONTAINER, { status: 201 }));
  const body = { name: 'web', image: 'nginx:1.27', env: { A: ' b ' } };
  const made = await unwrap(client.POST('/containers/', { body }));
  assert.equal(made.id, 17);
  const [request] = requests;
  assert.ok(request);
  assert.equal(request.method, 'POST');
  assert.equal(request.url, 'http://box.example:8080/api/v1/containers/');
  assert.equal(request.headers.get('authorization'), 'Bearer dbx_test');
  assert.equal(request.headers.get('x-dollarbox-org'), 'acme');
  assert.equal(request.headers.get('content-type'), 'application/json');
  assert.deepEqual(await request.json(), body);
});

test('a 204 is undefined', async () => {
  const { client } = scripted(new Response(null, { status: 204 }));
  const params = { path: { id: 17 } };
  assert.equal(await unwrap(client.DELETE('/containers/{id}/', { params })), undefined);
});

test('an error reply is thrown with all that it says', async () => {
  const error = {
    code: 'quota_exceeded',
    message: "This would exceed your plan's limit of 5 containers. You are using 5.",
    detail: { resource: 'containers', limit: 5, current: 5 },
  };
  const { client } = scripted(
    json({ error }, { status: 403, headers: { 'x-request-id': 'abc-1' } }),
  );
  await assert.rejects(unwrap(client.GET('/containers/')), (thrown) => {
    assert.ok(thrown instanceof DollarboxError);
    const { status, code, message, detail, requestId } = thrown;
    assert.deepEqual(
      { status, requestId, code, message, detail },
      {
        status: 403,
        requestId: 'abc-1',
        ...error,
      },
    );
    return true;
  });
});

test('an error of a proxy is told from one of the API', async () => {
  for (const body of ['<html>Bad Gateway</html>', null, '{"error":"no"}']) {
    const { client } = scripted(new Response(body, { status: 502, statusText: 'Bad Gateway' }));
    await assert.rejects(unwrap(client.GET('/orgs/')), {
      name: 'DollarboxError',
      status: 502,
      code: 'unexpected_reply',
      message: 'The server answered 502 Bad Gateway.',
      requestId: null,
    });
  }
});

test('lists all pages, on its own server whatever address `next` has', async () => {
  const { client, requests } = scripted(page([9, 8], 'cD04'), page([7], 'a+/='), page([1], null));
  const ids: number[] = [];
  for await (const container of listAll(client, '/containers/', { name: 'x', limit: 2 })) {
    ids.push(container.id);
  }
  assert.deepEqual(ids, [9, 8, 7, 1]);
  const base = 'http://box.example:8080/api/v1/containers/?name=x&limit=2';
  assert.deepEqual(
    requests.map((request) => request.url),
    [base, `${base}&cursor=cD04`, `${base}&cursor=a%2B%2F%3D`],
  );
});

test('a list that goes in circles is an error, not endless', async () => {
  const { client } = scripted(page([9], 'cD04'), page([8], 'cD04'));
  await assert.rejects(Array.fromAsync(listAll(client, '/containers/')), /leads back/);
});

test('pages that are not taken are not asked for', async () => {
  const { client, requests } = scripted(page([9, 8], 'cD04'));
  for await (const container of listAll(client, '/containers/')) {
    assert.equal(container.id, 9);
    break;
  }
  assert.equal(requests.length, 1);
});

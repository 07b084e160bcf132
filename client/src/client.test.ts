import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Container,
  DollarboxError,
  containerSettled,
  createDollarboxClient,
  listAll,
  unwrap,
  volumeSettled,
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
  status: 'pending',
  status_reason: null,
  status_message: null,
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
  const client = createDollarboxClient({
    baseUrl: 'http://box.example:8080/',
    token: 'dbx_test',
    org: 'acme',
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

const settledStates: Partial<Container>[] = [
  { status: 'running', observed_generation: 1 },
  { status: 'failed', status_reason: 'image_not_found', observed_generation: 0 },
  { status: 'failed', status_reason: 'crash_loop', observed_generation: 1 },
  { status: 'running', status_reason: 'image_not_found', generation: 2, observed_generation: 1 },
];
for (const state of settledStates) {
  test(`waits until it has settled as ${JSON.stringify(state)}`, async () => {
    const changing = { status: 'running', generation: 2, observed_generation: 1 };
    const { client, requests } = scripted(
      json(CONTAINER),
      json({ ...CONTAINER, ...changing }),
      json({ ...CONTAINER, ...state }),
    );
    const settled = await containerSettled(client, 17, { pollMs: 1 });
    assert.deepEqual(settled, { ...CONTAINER, ...state });
    assert.equal(requests.length, 3);
    assert.equal(requests[0]?.url, 'http://box.example:8080/api/v1/containers/17/');
  });
}

test('gives up waiting, and says how it stands', async () => {
  const { client } = scripted(json(CONTAINER));
  await assert.rejects(containerSettled(client, 17, { timeoutMs: 20, pollMs: 5 }), {
    message:
      'Not settled within 0.02 s. Container 17: its status is pending, and it runs generation 0 of 1.',
  });
});

test('a container that is gone while waiting is told as such', async () => {
  const { client } = scripted(
    json(CONTAINER),
    json({ error: { code: 'not_found', message: 'Not found.', detail: {} } }, { status: 404 }),
  );
  await assert.rejects(containerSettled(client, 17, { pollMs: 1 }), {
    name: 'DollarboxError',
    status: 404,
    code: 'not_found',
  });
});

test('waits for a volume until it is made, or has failed', async () => {
  const volume = { id: 5, name: 'data', size_gb: 10, status: 'pending' };
  for (const status of ['bound', 'failed']) {
    const { client, requests } = scripted(
      json(volume),
      json({ ...volume, status: 'provisioning' }),
      json({ ...volume, status }),
    );
    assert.equal((await volumeSettled(client, 5, { pollMs: 1 })).status, status);
    assert.equal(requests.length, 3);
    assert.equal(requests[0]?.url, 'http://box.example:8080/api/v1/volumes/5/');
  }
  const { client } = scripted(json(volume));
  await assert.rejects(volumeSettled(client, 5, { timeoutMs: 20, pollMs: 5 }), {
    message: 'Not settled within 0.02 s. Volume 5: its status is pending.',
  });
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OutgoingHttpHeaders } from 'node:http';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { API_ROUTES } from '../app.ts';
import { type Harness, type TestCaller, harnessOpen } from '../test/harness.ts';
import type { Client, Reply } from '../test/http-client.ts';
import { ERROR_SCHEMA } from './openapi-errors.ts';
import { REPLY_HEADERS } from './openapi-headers.ts';
import type { JsonObject } from './openapi-schemas.ts';
import { openapiMake } from './openapi.ts';

const DOCUMENT = openapiMake(API_ROUTES);
const errorSchema = Compile(ERROR_SCHEMA as TSchema);

let harness: Harness;
let caller: TestCaller;
let readOnly: Client;
let volumeId: number;
let mountedVolumeId: number;
/** What was answered, as `<operation> <status>`. */
const seen = new Set<string>();

before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd({ containerLimit: 4 });
  readOnly = harness.client(await harness.tokenAdd(caller.userId, { scope: 'read' }));
});
after(() => harness.close());

function resolve(node: JsonObject): JsonObject {
  const { $ref: ref } = node;
  if (typeof ref !== 'string') return node;
  let found: JsonObject = DOCUMENT;
  for (const step of ref.slice(2).split('/')) found = found[step] as JsonObject;
  return found;
}

/** Holds a reply against what the document says of its operation. */
function assertDocumented(operationId: string, reply: Reply): void {
  const route = API_ROUTES.find((candidate) => candidate.operationId === operationId);
  assert.ok(route, operationId);
  const { paths } = DOCUMENT as {
    paths: Record<string, Record<string, { responses: JsonObject }>>;
  };
  const responses = paths[route.path]?.[route.method.toLowerCase()]?.responses ?? {};
  const response = responses[reply.status];
  const where = `${operationId} ${reply.status} ${reply.text}`;
  assert.ok(response, `${where}: not documented`);
  seen.add(`${operationId} ${reply.status}`);

  const { headers, content } = resolve(response as JsonObject) as {
    headers: JsonObject;
    content?: JsonObject;
  };
  for (const [name, header] of Object.entries(REPLY_HEADERS)) {
    const isSent = reply.headers[name.toLowerCase()] !== undefined;
    if (isSent) assert.ok(headers[name] !== undefined, `${where}: ${name} is not documented`);
    const isPromised = headers[name] !== undefined && header['required'] === true;
    assert.ok(isSent || !isPromised, `${where}: ${name} is promised`);
  }
  if (reply.status >= 400) {
    assert.ok(errorSchema.Check(reply.body), where);
    const { description } = response as { description: string };
    assert.ok(description.includes(`\`${reply.body.error?.code}\``), `${where}: ${description}`);
  } else if (content === undefined) {
    assert.equal(reply.text, '', where);
  } else {
    assert.ok(Compile(route.success.schema as TSchema).Check(reply.body), where);
  }
}

async function containerMake(name: string): Promise<string> {
  const made = await caller.api.post('/containers/', { name, image: 'nginx:1.27' });
  assertDocumented('containerCreate', made);
  assert.equal(made.status, 201, made.text);
  return `/containers/${made.body.id}/`;
}

async function volumeMake(name: string): Promise<number> {
  const made = await caller.api.post('/volumes/', { name, size_gb: 1 });
  assertDocumented('volumeCreate', made);
  return made.body.id ?? assert.fail(made.text);
}

interface Attempt {
  status: number;
  send(api: Client, path: string): Promise<Reply>;
}

const attempt = (
  status: number,
  method: string,
  target: string | ((path: string) => string),
  body?: unknown,
  headers?: OutgoingHttpHeaders,
): Attempt => ({
  status,
  send: (api, path) =>
    api.send(method, typeof target === 'string' ? target : target(path), body, headers),
});

const same = (path: string) => path;
const volumePath = () => `/volumes/${volumeId}/`;

/** Replies to a good token, by operation. */
const ATTEMPTS: Readonly<Record<string, readonly Attempt[]>> = {
  containerList: [
    attempt(200, 'GET', '/containers/?limit=1&name=web'),
    attempt(400, 'GET', '/containers/?limit=x'),
    attempt(404, 'GET', '/containers/?org=nowhere'),
  ],
  containerCreate: [
    attempt(400, 'POST', '/containers/', { name: 'Web' }),
    attempt(404, 'POST', '/containers/?org=nowhere', { name: 'x', image: 'y' }),
    attempt(409, 'POST', '/containers/', { name: 'web', image: 'nginx:1.27' }),
    attempt(413, 'POST', '/containers/', { name: 'x', image: 'y'.repeat(1_100_000) }),
    attempt(415, 'POST', '/containers/', '<x/>', { 'content-type': 'text/xml' }),
  ],
  containerRead: [
    attempt(200, 'GET', same),
    attempt(304, 'GET', same, undefined, { 'if-none-match': '*' }),
    attempt(400, 'GET', (path) => `${path}?x=1`),
    attempt(404, 'GET', '/containers/1000000/'),
  ],
  containerUpdate: [
    attempt(200, 'PATCH', same, { image: 'nginx:1.28' }),
    attempt(400, 'PATCH', same, { name: 'other' }),
    attempt(404, 'PATCH', '/containers/1000000/', {}),
    attempt(412, 'PATCH', same, { image: 'x' }, { 'if-match': '"0.0"' }),
    attempt(415, 'PATCH', same, '<x/>', { 'content-type': 'text/xml' }),
  ],
  containerDelete: [
    attempt(404, 'DELETE', '/containers/1000000/'),
    attempt(412, 'DELETE', same, undefined, { 'if-match': '"0.0"' }),
    attempt(400, 'DELETE', same, { force: true }),
    attempt(204, 'DELETE', same),
  ],
  volumeList: [
    attempt(200, 'GET', '/volumes/?limit=1&status=pending'),
    attempt(400, 'GET', '/volumes/?status=x'),
    attempt(404, 'GET', '/volumes/?org=nowhere'),
  ],
  volumeCreate: [
    attempt(201, 'POST', '/volumes/', { name: 'data', size_gb: 1 }),
    attempt(400, 'POST', '/volumes/', { name: 'data', size_gb: 0 }),
    attempt(403, 'POST', '/volumes/', { name: 'huge', size_gb: 1000 }),
    attempt(409, 'POST', '/volumes/', { name: 'data', size_gb: 1 }),
  ],
  volumeRead: [
    attempt(200, 'GET', volumePath),
    attempt(304, 'GET', volumePath, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/volumes/1000000/'),
  ],
  volumeDelete: [
    attempt(404, 'DELETE', '/volumes/1000000/'),
    attempt(412, 'DELETE', volumePath, undefined, { 'if-match': '"0.0"' }),
    attempt(409, 'DELETE', () => `/volumes/${mountedVolumeId}/`),
    attempt(204, 'DELETE', volumePath),
  ],
  orgList: [attempt(200, 'GET', '/orgs/'), attempt(400, 'GET', '/orgs/?cursor=!')],
  orgRead: [
    attempt(200, 'GET', () => `/orgs/${caller.org.slug}/`),
    attempt(304, 'GET', () => `/orgs/${caller.org.slug}/`, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/orgs/nowhere/'),
  ],
  orgUsageRead: [
    attempt(200, 'GET', () => `/orgs/${caller.org.slug}/usage/`),
    attempt(404, 'GET', '/orgs/nowhere/usage/'),
  ],
};

test('what is answered is what the document says', async (t) => {
  const path = await containerMake('web');
  volumeId = await volumeMake('free');
  mountedVolumeId = await volumeMake('mounted');
  const volumes = [{ volume: mountedVolumeId, mount_path: '/data' }];
  const mounter = { name: 'mounter', image: 'x', volumes };
  assertDocumented('containerCreate', await caller.api.post('/containers/', mounter));
  assertDocumented('containerUpdate', await caller.api.patch(path, { volumes }));
  for (const { operationId, method, path: template } of API_ROUTES) {
    await t.test(operationId, async () => {
      const attempts = ATTEMPTS[operationId];
      assert.ok(attempts, 'a new operation needs a row in ATTEMPTS');
      const target = template.replace('{id}', '1').replace('{slug}', caller.org.slug);
      const anonymous = await harness.client(null).send(method, target);
      assert.equal(anonymous.status, 401);
      assertDocumented(operationId, anonymous);
      if (method !== 'GET') {
        const forbidden = await readOnly.send(method, target);
        assert.equal(forbidden.status, 403);
        assertDocumented(operationId, forbidden);
      }
      for (const { status, send } of attempts) {
        const reply = await send(caller.api, path);
        assert.equal(reply.status, status, `${operationId}: ${reply.text}`);
        assertDocumented(operationId, reply);
      }
      assert.ok(
        [200, 201, 204].some((status) => seen.has(`${operationId} ${status}`)),
        'no success was seen',
      );
    });
  }
});

test('replayed, exceeded, switched off and limited replies are documented', async () => {
  const create = (body: unknown, headers?: OutgoingHttpHeaders) =>
    caller.api.post('/containers/', body, headers);
  const headers = { 'idempotency-key': 'one' };
  const first = await create({ name: 'once', image: 'a' }, headers);
  assertDocumented('containerCreate', first);
  const replayed = await create({ name: 'once', image: 'a' }, headers);
  assert.equal(replayed.headers['idempotency-replayed'], 'true');
  assertDocumented('containerCreate', replayed);
  const mismatch = await create({ name: 'twice', image: 'a' }, headers);
  assert.equal(mismatch.status, 422);
  assertDocumented('containerCreate', mismatch);
  await containerMake('second');
  await containerMake('third');
  const exceeded = await create({ name: 'fourth', image: 'a' });
  assert.equal(exceeded.body.error?.code, 'quota_exceeded');
  assertDocumented('containerCreate', exceeded);

  const second = await harness.orgAdd({ ownerId: caller.userId });
  const unnamed = await create({ name: 'x', image: 'a' });
  assert.equal(unnamed.body.error?.code, 'org_required');
  assertDocumented('containerCreate', unnamed);
  await harness.db
    .updateTable('orgs')
    .set({ api_enabled: false })
    .where('id', '=', second.id)
    .execute();
  const off: [string, string][] = [
    ['containerList', `/containers/?org=${second.slug}`],
    ['orgRead', `/orgs/${second.slug}/`],
    ['orgUsageRead', `/orgs/${second.slug}/usage/`],
  ];
  for (const [operationId, path] of off) {
    const reply = await caller.api.get(path);
    assert.equal(reply.body.error?.code, 'api_disabled');
    assertDocumented(operationId, reply);
  }
});

test('a refusal for too many requests is documented', async () => {
  const limited = await harnessOpen({ RATE_LIMIT_PER_MINUTE: '1' });
  try {
    const { api } = await limited.callerAdd();
    assertDocumented('orgList', await api.get('/orgs/'));
    const refused = await api.get('/orgs/');
    assert.equal(refused.status, 429);
    assertDocumented('orgList', refused);
    assert.ok(refused.headers['retry-after']);
  } finally {
    await limited.close();
  }
});

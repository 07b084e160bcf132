import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { OutgoingHttpHeaders } from 'node:http';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { API_ROUTES } from '../../src/app.ts';
import { ruleOf } from '../../src/changes/policy.ts';
import { browserClient } from '../support/browser.ts';
import { eventIdFormat } from '../../src/feed/position.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import type { Client, Reply } from '../support/http-client.ts';
import { ERROR_SCHEMA } from '../../src/http/openapi-errors.ts';
import { REPLY_HEADERS } from '../../src/http/openapi-headers.ts';
import type { JsonObject } from '../../src/http/openapi-schemas.ts';
import { openapiCreate } from '../../src/http/openapi.ts';

const DOCUMENT = openapiCreate(API_ROUTES);
const errorSchema = Compile(ERROR_SCHEMA as TSchema);

let harness: Harness;
let caller: TestCaller;
let readOnly: Client;
/** Someone who creates and deletes orgs, and their session. */
let founder: TestCaller;
let founderSession: Client;
let volumeId: number;
let mountedVolumeId: number;
let mounterId: number;
let invitationId = 0;
let registryId: number;
let kubectlId: number;
const memberIds = { own: 0, someone: 0 };
/** The replies received, as `<operation> <status>`. */
const seen = new Set<string>();

before(async () => {
  harness = await harnessOpen({ ORGS_PER_OWNER: '2' });
  await harness.db.updateTable('installation').set({ isolation: 'isolated' }).execute();
  caller = await harness.callerAdd({ containerLimit: 4 });
  await harness.memberAdd(caller.org, await harness.userAdd(), 'member');
  const [someone, own] = (await caller.api.get('/members/')).body.results ?? [];
  Object.assign(memberIds, { own: own?.id, someone: someone?.id });
  const invited = await caller.api.post('/invitations/', { email: 'first@example.invalid' });
  invitationId = invited.body.id ?? assert.fail(invited.text);
  founder = await harness.callerAdd();
  founderSession = browserClient(await harness.sessionAdd(founder.userId));
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

/** Compares a reply with the document's description of its operation. */
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

/** The same attempt by another caller. */
const by = (client: () => Client, { status, send }: Attempt): Attempt => ({
  status,
  send: (_api, path) => send(client(), path),
});

const same = (path: string) => path;
const mounterPath = () => `/containers/${mounterId}/`;
const volumePath = () => `/volumes/${volumeId}/`;
const CREDENTIAL = { host: 'ghcr.io', username: 'ada', secret: 'a secret' };
const kubectlPath = () => `/kubectl-credentials/${kubectlId}/`;
const registryPath = () => `/registries/${registryId}/`;
const memberPath = () => `/members/${memberIds.someone}/`;
const invitationPath = () => `/invitations/${invitationId}/`;
const ownMemberPath = () => `/members/${memberIds.own}/`;

/** Replies to a valid token, by operation. */
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
  containerStop: [
    attempt(200, 'POST', (path) => `${path}stop/`),
    attempt(400, 'POST', (path) => `${path}stop/`, { force: true }),
    attempt(404, 'POST', '/containers/1000000/stop/'),
  ],
  containerStart: [
    attempt(200, 'POST', (path) => `${path}start/`),
    attempt(404, 'POST', '/containers/1000000/start/'),
  ],
  containerRestart: [
    attempt(200, 'POST', (path) => `${path}restart/`),
    attempt(200, 'POST', (path) => `${path}restart/`, { pull: true }),
    attempt(400, 'POST', (path) => `${path}restart/`, { pull: 1 }),
    attempt(404, 'POST', '/containers/1000000/restart/'),
  ],
  containerLogList: [
    attempt(
      200,
      'GET',
      () => `${mounterPath()}logs/?tail=5&stream=stdout&since=2020-01-01T00:00:00Z`,
    ),
    attempt(400, 'GET', () => `${mounterPath()}logs/?cursor=!`),
    attempt(404, 'GET', '/containers/1000000/logs/'),
  ],
  containerStatsRead: [
    attempt(200, 'GET', () => `${mounterPath()}stats/`),
    attempt(400, 'GET', () => `${mounterPath()}stats/?x=1`),
    attempt(404, 'GET', '/containers/1000000/stats/'),
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
  eventList: [
    attempt(200, 'GET', '/events/'),
    attempt(200, 'GET', '/events/?object=container&tail=5'),
    attempt(400, 'GET', '/events/?cursor=!'),
    attempt(410, 'GET', `/events/?cursor=${eventIdFormat(0, { position: '1', id: 1 })}`),
  ],
  kubectlCredentialList: [
    attempt(200, 'GET', '/kubectl-credentials/?all=true'),
    attempt(400, 'GET', '/kubectl-credentials/?all=maybe'),
    attempt(404, 'GET', '/kubectl-credentials/?org=nowhere'),
  ],
  kubectlCredentialCreate: [
    attempt(201, 'POST', '/kubectl-credentials/'),
    attempt(201, 'POST', '/kubectl-credentials/', { name: 'ci', expires_in: 60 }),
    attempt(400, 'POST', '/kubectl-credentials/', { expires_in: 59 }),
  ],
  kubectlCredentialRead: [
    attempt(200, 'GET', kubectlPath),
    attempt(304, 'GET', kubectlPath, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/kubectl-credentials/1000000/'),
  ],
  kubectlCredentialDelete: [
    attempt(404, 'DELETE', '/kubectl-credentials/1000000/'),
    attempt(412, 'DELETE', kubectlPath, undefined, { 'if-match': '"0.0"' }),
    attempt(204, 'DELETE', kubectlPath),
  ],
  registryList: [
    attempt(200, 'GET', '/registries/?limit=1'),
    attempt(400, 'GET', '/registries/?name=x'),
    attempt(404, 'GET', '/registries/?org=nowhere'),
  ],
  registryCreate: [
    attempt(201, 'POST', '/registries/', CREDENTIAL),
    attempt(400, 'POST', '/registries/', { ...CREDENTIAL, host: 'https://ghcr.io' }),
    attempt(409, 'POST', '/registries/', CREDENTIAL),
  ],
  registryRead: [
    attempt(200, 'GET', registryPath),
    attempt(304, 'GET', registryPath, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/registries/1000000/'),
  ],
  registryDelete: [
    attempt(404, 'DELETE', '/registries/1000000/'),
    attempt(412, 'DELETE', registryPath, undefined, { 'if-match': '"0.0"' }),
    attempt(204, 'DELETE', registryPath),
  ],
  orgList: [attempt(200, 'GET', '/orgs/'), attempt(400, 'GET', '/orgs/?cursor=!')],
  auditList: [
    attempt(200, 'GET', '/audit-log/?limit=5&actor=operator&since=2020-01-01T00:00:00Z'),
    attempt(400, 'GET', '/audit-log/?since=yesterday'),
    attempt(404, 'GET', '/audit-log/?org=nowhere'),
  ],
  invitationList: [
    attempt(200, 'GET', '/invitations/?limit=1'),
    attempt(400, 'GET', '/invitations/?email=x'),
    attempt(404, 'GET', '/invitations/?org=nowhere'),
  ],
  invitationCreate: [
    attempt(201, 'POST', '/invitations/', { email: 'new@example.invalid', role: 'admin' }),
    attempt(400, 'POST', '/invitations/', { email: 'nobody' }),
    attempt(409, 'POST', '/invitations/', { email: 'new@example.invalid' }),
  ],
  invitationRead: [
    attempt(200, 'GET', invitationPath),
    attempt(304, 'GET', invitationPath, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/invitations/1000000/'),
  ],
  invitationResend: [
    attempt(200, 'POST', () => `${invitationPath()}resend/`),
    attempt(404, 'POST', '/invitations/1000000/resend/'),
  ],
  invitationDelete: [
    attempt(404, 'DELETE', '/invitations/1000000/'),
    attempt(412, 'DELETE', invitationPath, undefined, { 'if-match': '"0.0"' }),
    attempt(204, 'DELETE', invitationPath),
  ],
  memberList: [
    attempt(200, 'GET', '/members/?limit=1&name=Nobody'),
    attempt(400, 'GET', '/members/?status=x'),
    attempt(404, 'GET', '/members/?org=nowhere'),
  ],
  memberRead: [
    attempt(200, 'GET', memberPath),
    attempt(304, 'GET', memberPath, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/members/1000000/'),
  ],
  memberUpdate: [
    attempt(200, 'PATCH', memberPath, { role: 'admin' }),
    attempt(400, 'PATCH', memberPath, { role: 'king' }),
    attempt(404, 'PATCH', '/members/1000000/', { role: 'admin' }),
    attempt(409, 'PATCH', ownMemberPath, { role: 'member' }),
    attempt(412, 'PATCH', memberPath, { role: 'admin' }, { 'if-match': '"0.0"' }),
  ],
  memberDelete: [
    attempt(404, 'DELETE', '/members/1000000/'),
    attempt(409, 'DELETE', ownMemberPath),
    attempt(412, 'DELETE', memberPath, undefined, { 'if-match': '"0.0"' }),
    attempt(204, 'DELETE', memberPath),
  ],
  orgCreate: [
    by(() => founder.api, attempt(201, 'POST', '/orgs/', { slug: 'fresh', name: 'Fresh' })),
    attempt(400, 'POST', '/orgs/', { slug: 'Not A Slug', name: 'Fresh' }),
    by(() => founder.api, attempt(403, 'POST', '/orgs/', { slug: 'too-many', name: 'Fresh' })),
    by(() => caller.api, attempt(409, 'POST', '/orgs/', { slug: 'fresh', name: 'Fresh' })),
  ],
  orgUpdate: [
    attempt(200, 'PATCH', () => `/orgs/${caller.org.slug}/`, { name: 'Acme', billing_email: '' }),
    attempt(400, 'PATCH', () => `/orgs/${caller.org.slug}/`, { slug: 'other' }),
    attempt(404, 'PATCH', '/orgs/nowhere/', {}),
    attempt(412, 'PATCH', () => `/orgs/${caller.org.slug}/`, {}, { 'if-match': '"0.0"' }),
  ],
  orgDelete: [
    attempt(403, 'DELETE', () => `/orgs/${caller.org.slug}/`),
    by(() => founderSession, attempt(404, 'DELETE', '/orgs/nowhere/')),
    by(() => founderSession, attempt(204, 'DELETE', '/orgs/fresh/')),
  ],
  orgRead: [
    attempt(200, 'GET', () => `/orgs/${caller.org.slug}/`),
    attempt(304, 'GET', () => `/orgs/${caller.org.slug}/`, undefined, { 'if-none-match': '*' }),
    attempt(404, 'GET', '/orgs/nowhere/'),
  ],
  whoamiRead: [
    attempt(200, 'GET', '/whoami/'),
    by(() => founderSession, attempt(403, 'GET', '/whoami/')),
    attempt(400, 'GET', '/whoami/?x=1'),
  ],
  whoamiDelete: [
    by(() => founderSession, attempt(403, 'DELETE', '/whoami/')),
    by(() => readOnly, attempt(204, 'DELETE', '/whoami/')),
    by(() => readOnly, attempt(401, 'DELETE', '/whoami/')),
  ],
  orgUsageRead: [
    attempt(200, 'GET', () => `/orgs/${caller.org.slug}/usage/`),
    attempt(404, 'GET', '/orgs/nowhere/usage/'),
  ],
  workloadList: [
    attempt(200, 'GET', () => `/orgs/${caller.org.slug}/workloads/`),
    attempt(400, 'GET', () => `/orgs/${caller.org.slug}/workloads/?kind=Pod`),
    attempt(404, 'GET', '/orgs/nowhere/workloads/'),
  ],
};

test('replies are as the document describes them', async (t) => {
  const path = await containerMake('web');
  volumeId = await volumeMake('free');
  mountedVolumeId = await volumeMake('mounted');
  const quay = { host: 'quay.io', username: 'ada', secret: 'a secret' };
  registryId = (await caller.api.post('/registries/', quay)).body.id ?? assert.fail();
  await caller.api.patch(`/orgs/${caller.org.slug}/`, { kubectl_enabled: true });
  kubectlId = (await caller.api.post('/kubectl-credentials/')).body.id ?? assert.fail();
  const volumes = [{ volume: mountedVolumeId, mount_path: '/data' }];
  const mounter = { name: 'mounter', image: 'x', volumes };
  const mounting = await caller.api.post('/containers/', mounter);
  assertDocumented('containerCreate', mounting);
  mounterId = mounting.body.id ?? assert.fail();
  assertDocumented('containerUpdate', await caller.api.patch(path, { volumes }));
  for (const { operationId, method, path: template, action } of API_ROUTES) {
    await t.test(operationId, async () => {
      const attempts = ATTEMPTS[operationId];
      assert.ok(attempts, 'a new operation needs a row in ATTEMPTS');
      const target = template.replace('{id}', '1').replace('{slug}', caller.org.slug);
      const anonymous = await harness.client(null).send(method, target);
      assert.equal(anonymous.status, 401);
      assertDocumented(operationId, anonymous);
      if (ruleOf(action).scope === 'write') {
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
    ['workloadList', `/orgs/${second.slug}/workloads/`],
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

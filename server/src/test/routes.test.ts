import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { API_ROUTES } from '../app.ts';
import type { ErrorCode } from '../errors.ts';
import { tokenRevoke } from '../tokens/store.ts';
import { type Harness, type TestOrg, harnessOpen } from './harness.ts';
import { type Client, type Reply, assertContainer, assertVolume } from './http-client.ts';

/** Everyone who may call a route of the org `home`. */
const CALLERS = [
  'anonymous',
  'malformed',
  'expired',
  'revoked',
  'disabled',
  'readOnly',
  'otherOrgToken',
  'nonMember',
  'member',
  'admin',
  'owner',
] as const;
type Caller = (typeof CALLERS)[number];

type Outcome = number | ErrorCode;

/** How to send a route's request, and what each caller gets. Callers left out get 401. */
interface Row {
  send(api: Client, target: Target): Promise<Reply>;
  expect: Record<Exclude<Caller, Unauthenticated>, Outcome>;
}

type Unauthenticated = 'anonymous' | 'malformed' | 'expired' | 'revoked' | 'disabled';

/** What a request is about: made anew for each of them. */
interface Target {
  org: string;
  containerId: number;
  volumeId: number;
  unusedName: string;
}

const forEach = (outcome: Outcome): Row['expect'] => ({
  readOnly: outcome,
  otherOrgToken: outcome,
  nonMember: outcome,
  member: outcome,
  admin: outcome,
  owner: outcome,
});

/** Requests name the org in the header; a token of another org acts there instead, and finds nothing. */
const ROWS: Record<string, Row> = {
  containerList: {
    send: (api, { org }) => api.get('/containers/', { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found' },
  },
  containerCreate: {
    send: (api, { org, unusedName }) =>
      api.post('/containers/', { name: unusedName, image: 'x' }, { 'x-dollarbox-org': org }),
    expect: { ...forEach(201), nonMember: 'not_found', readOnly: 'permission_denied' },
  },
  containerRead: {
    send: (api, { org, containerId }) =>
      api.get(`/containers/${containerId}/`, { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  containerUpdate: {
    send: (api, { org, containerId }) =>
      api.patch(`/containers/${containerId}/`, { image: 'y' }, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(200),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
    },
  },
  containerDelete: {
    send: (api, { org, containerId }) =>
      api.delete(`/containers/${containerId}/`, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(204),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
    },
  },
  volumeList: {
    send: (api, { org }) => api.get('/volumes/', { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found' },
  },
  volumeCreate: {
    send: (api, { org, unusedName }) =>
      api.post('/volumes/', { name: unusedName, size_gb: 1 }, { 'x-dollarbox-org': org }),
    expect: { ...forEach(201), nonMember: 'not_found', readOnly: 'permission_denied' },
  },
  volumeRead: {
    send: (api, { org, volumeId }) => api.get(`/volumes/${volumeId}/`, { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  volumeDelete: {
    send: (api, { org, volumeId }) =>
      api.delete(`/volumes/${volumeId}/`, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(204),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
    },
  },
  orgList: {
    send: (api) => api.get('/orgs/'),
    expect: forEach(200),
  },
  orgRead: {
    send: (api, { org }) => api.get(`/orgs/${org}/`),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  orgUsageRead: {
    send: (api, { org }) => api.get(`/orgs/${org}/usage/`),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
};

let harness: Harness;
let home: TestOrg;
let away: TestOrg;
let owner: Client;
const clients = new Map<Caller, Client>();
let serial = 0;

before(async () => {
  harness = await harnessOpen();
  home = await harness.orgAdd();
  away = await harness.orgAdd();
  await harness.db.updateTable('orgs').set({ volume_gb_limit: 100_000 }).execute();
  const now = harness.clock.now();
  const [memberId, adminId] = [await harness.userAdd(), await harness.userAdd()];
  await harness.memberAdd(home, memberId, 'member');
  await harness.memberAdd(away, memberId, 'member');
  await harness.memberAdd(home, adminId, 'admin');
  const [expired, revoked] = [
    await harness.tokenAdd(home.ownerId, { expiresAt: now }),
    await harness.tokenAdd(home.ownerId),
  ];
  await tokenRevoke(harness.db, revoked.slice(4, 16), now);
  const disabledId = await harness.userAdd();
  await harness.memberAdd(home, disabledId, 'owner');
  await harness.db
    .updateTable('users')
    .set({ disabled_at: now })
    .where('id', '=', disabledId)
    .execute();
  const tokens: Record<Caller, string | null> = {
    anonymous: null,
    malformed: 'dbx_malformed',
    expired,
    revoked,
    disabled: await harness.tokenAdd(disabledId),
    readOnly: await harness.tokenAdd(home.ownerId, { scope: 'read' }),
    otherOrgToken: await harness.tokenAdd(memberId, { orgId: away.id }),
    nonMember: await harness.tokenAdd(away.ownerId),
    member: await harness.tokenAdd(memberId),
    admin: await harness.tokenAdd(adminId),
    owner: await harness.tokenAdd(home.ownerId),
  };
  for (const caller of CALLERS) clients.set(caller, harness.client(tokens[caller]));
  owner = clientOf('owner');
});
after(() => harness.close());

function clientOf(caller: Caller): Client {
  return clients.get(caller) ?? assert.fail(caller);
}

async function targetMake(): Promise<Target> {
  const made = await owner.post('/containers/', { name: `c${(serial += 1)}`, image: 'x' });
  const volume = await owner.post('/volumes/', { name: `v${(serial += 1)}`, size_gb: 1 });
  return {
    org: home.slug,
    containerId: assertContainer(made, 201).id,
    volumeId: assertVolume(volume, 201).id,
    unusedName: `c${(serial += 1)}`,
  };
}

/** The status of a success, the code of an error. */
function outcomeOf(reply: Reply): Outcome {
  return reply.body.error?.code ?? reply.status;
}

/** All that a reader of the org sees: to find out whether a refused request did something. */
async function shown(): Promise<string> {
  const lists = ['/containers/?limit=200', '/volumes/?limit=200'];
  return (await Promise.all(lists.map((list) => owner.get(list)))).map(({ text }) => text).join();
}

describe('every route', () => {
  it('has a row in this table, and every row a route', () => {
    assert.deepEqual(
      API_ROUTES.map((route) => route.operationId).toSorted(),
      Object.keys(ROWS).toSorted(),
    );
  });

  for (const { operationId, method, path } of API_ROUTES) {
    const row = ROWS[operationId];
    for (const caller of CALLERS) {
      it(`${method} ${path} as ${caller}`, async () => {
        assert.ok(row !== undefined, 'no row');
        const expected =
          caller in row.expect
            ? row.expect[caller as keyof Row['expect']]
            : 'authentication_failed';
        const target = await targetMake();
        const before = await shown();
        const reply = await row.send(clientOf(caller), target);
        assert.equal(outcomeOf(reply), expected, reply.text);
        if (typeof expected === 'string' || method === 'GET') assert.equal(await shown(), before);
      });
    }
  }
});

describe('every route with an id', () => {
  for (const { operationId, method, path } of API_ROUTES) {
    if (!path.includes('{')) continue;
    it(`${method} ${path} answers a foreign id and a missing one with the same bytes`, async () => {
      const row = ROWS[operationId] ?? assert.fail('no row');
      const foreign = await targetMake();
      const missing = { ...foreign, containerId: 2 ** 40, volumeId: 2 ** 40 };
      if (path.startsWith('/orgs/')) missing.org = 'no-such-org';
      else for (const target of [foreign, missing]) target.org = away.slug;
      for (const caller of ['nonMember', 'otherOrgToken'] as const) {
        const [a, b] = [
          await row.send(clientOf(caller), foreign),
          await row.send(clientOf(caller), missing),
        ];
        assert.equal(outcomeOf(a), 'not_found');
        assert.deepEqual([a.status, a.text, headersOf(a)], [b.status, b.text, headersOf(b)]);
      }
    });
  }
});

/** Those that do not differ from one request to the next. */
function headersOf(reply: Reply): Record<string, unknown> {
  const { date: _date, 'x-request-id': _id, ratelimit: _limit, ...headers } = reply.headers;
  return headers;
}

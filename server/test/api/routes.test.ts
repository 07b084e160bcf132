import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { API_ROUTES } from '../../src/app.ts';
import type { ErrorCode } from '../../src/base/errors.ts';
import { tokenRowRevoke } from '../../src/tokens/store.ts';
import { browserClient } from '../support/browser.ts';
import { type Harness, type TestOrg, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertContainer, assertVolume } from '../support/http-client.ts';

/** Every kind of caller of a route of the org `home`. */
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
  'ownerSession',
] as const;
type Caller = (typeof CALLERS)[number];

type Outcome = number | ErrorCode;

/** How to send a route's request, and the result for each caller. Callers left out get 401. */
interface Row {
  send(api: Client, target: Target): Promise<Reply>;
  /** The request ends the caller's token: each caller gets one of their own for it. */
  endsToken?: true;
  /** Prepares the target further. */
  prepare?(target: Target): Promise<void>;
  expect: Record<Exclude<Caller, Unauthenticated>, Outcome>;
}

type Unauthenticated = 'anonymous' | 'malformed' | 'expired' | 'revoked' | 'disabled';

/** The objects that a request is about, created for each request. */
interface Target {
  org: string;
  containerId: number;
  volumeId: number;
  registryId: number;
  /** The owner's. */
  kubectlId: number;
  /** Someone with the role `member`. */
  memberId: number;
  invitationId: number;
  unusedName: string;
}

const forEach = (outcome: Outcome): Row['expect'] => ({
  readOnly: outcome,
  otherOrgToken: outcome,
  nonMember: outcome,
  member: outcome,
  admin: outcome,
  owner: outcome,
  ownerSession: outcome,
});

/** What admins may do, and members may not. The other org's token is a member's. */
const ADMINS = (outcome: Outcome, refusal: Outcome): Row['expect'] => ({
  ...forEach(outcome),
  nonMember: 'not_found',
  otherOrgToken: refusal,
  member: refusal,
});

/** Requests name the org in the header. A token of another org acts in that org instead, and finds nothing. */
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
  containerStop: {
    send: (api, { org, containerId }) =>
      api.post(`/containers/${containerId}/stop/`, undefined, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(200),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
    },
  },
  containerStart: {
    send: (api, { org, containerId }) =>
      api.post(`/containers/${containerId}/start/`, undefined, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(200),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
    },
  },
  containerRestart: {
    send: (api, { org, containerId }) =>
      api.post(`/containers/${containerId}/restart/`, undefined, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(200),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
    },
  },
  containerLogList: {
    send: (api, { org, containerId }) =>
      api.get(`/containers/${containerId}/logs/`, { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  containerStatsRead: {
    send: (api, { org, containerId }) =>
      api.get(`/containers/${containerId}/stats/`, { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
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
  eventList: {
    send: (api, { org }) => api.get('/events/', { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found' },
  },
  registryList: {
    send: (api, { org }) => api.get('/registries/', { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found' },
  },
  registryCreate: {
    send: (api, { org, unusedName }) =>
      api.post(
        '/registries/',
        { host: `${unusedName}.example.com`, username: 'u', secret: 's' },
        { 'x-dollarbox-org': org },
      ),
    expect: {
      ...forEach(201),
      nonMember: 'not_found',
      otherOrgToken: 'permission_denied',
      readOnly: 'permission_denied',
      member: 'permission_denied',
    },
  },
  kubectlCredentialList: {
    send: (api, { org }) => api.get('/kubectl-credentials/', { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found' },
  },
  kubectlCredentialCreate: {
    send: (api, { org }) =>
      api.post('/kubectl-credentials/', undefined, { 'x-dollarbox-org': org }),
    expect: { ...forEach(201), nonMember: 'not_found', readOnly: 'permission_denied' },
  },
  kubectlCredentialRead: {
    send: (api, { org, kubectlId }) =>
      api.get(`/kubectl-credentials/${kubectlId}/`, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(200),
      ...{ nonMember: 'not_found', otherOrgToken: 'not_found', member: 'not_found' },
    },
  },
  kubectlCredentialDelete: {
    send: (api, { org, kubectlId }) =>
      api.delete(`/kubectl-credentials/${kubectlId}/`, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(204),
      ...{ nonMember: 'not_found', otherOrgToken: 'not_found', member: 'not_found' },
      readOnly: 'permission_denied',
    },
  },
  registryRead: {
    send: (api, { org, registryId }) =>
      api.get(`/registries/${registryId}/`, { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  registryDelete: {
    send: (api, { org, registryId }) =>
      api.delete(`/registries/${registryId}/`, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(204),
      nonMember: 'not_found',
      otherOrgToken: 'permission_denied',
      readOnly: 'permission_denied',
      member: 'permission_denied',
    },
  },
  orgList: {
    send: (api) => api.get('/orgs/'),
    expect: forEach(200),
  },
  auditList: {
    send: (api, { org }) => api.get('/audit-log/', { 'x-dollarbox-org': org }),
    expect: ADMINS(200, 'permission_denied'),
  },
  invitationList: {
    send: (api, { org }) => api.get('/invitations/', { 'x-dollarbox-org': org }),
    expect: ADMINS(200, 'permission_denied'),
  },
  invitationCreate: {
    send: (api, { org, unusedName }) =>
      api.post('/invitations/', { email: `${unusedName}@x.invalid` }, { 'x-dollarbox-org': org }),
    expect: { ...ADMINS(201, 'permission_denied'), readOnly: 'permission_denied' },
  },
  invitationRead: {
    send: (api, { org, invitationId }) =>
      api.get(`/invitations/${invitationId}/`, { 'x-dollarbox-org': org }),
    expect: ADMINS(200, 'permission_denied'),
  },
  invitationResend: {
    send: (api, { org, invitationId }) =>
      api.post(`/invitations/${invitationId}/resend/`, undefined, { 'x-dollarbox-org': org }),
    expect: { ...ADMINS(200, 'permission_denied'), readOnly: 'permission_denied' },
  },
  invitationDelete: {
    send: (api, { org, invitationId }) =>
      api.delete(`/invitations/${invitationId}/`, { 'x-dollarbox-org': org }),
    expect: { ...ADMINS(204, 'permission_denied'), readOnly: 'permission_denied' },
  },
  memberList: {
    send: (api, { org }) => api.get('/members/', { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found' },
  },
  memberRead: {
    send: (api, { org, memberId }) => api.get(`/members/${memberId}/`, { 'x-dollarbox-org': org }),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  memberUpdate: {
    send: (api, { org, memberId }) =>
      api.patch(`/members/${memberId}/`, { role: 'admin' }, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(200),
      nonMember: 'not_found',
      // It acts in the token's org, in which its person is a member.
      otherOrgToken: 'permission_denied',
      readOnly: 'permission_denied',
      member: 'permission_denied',
    },
  },
  memberDelete: {
    send: (api, { org, memberId }) =>
      api.delete(`/members/${memberId}/`, { 'x-dollarbox-org': org }),
    expect: {
      ...forEach(204),
      nonMember: 'not_found',
      otherOrgToken: 'not_found',
      readOnly: 'permission_denied',
      member: 'permission_denied',
    },
  },
  orgCreate: {
    send: (api, { unusedName }) => api.post('/orgs/', { slug: unusedName, name: 'New' }),
    expect: { ...forEach(201), readOnly: 'permission_denied', otherOrgToken: 'permission_denied' },
  },
  orgUpdate: {
    send: (api, { org }) => api.patch(`/orgs/${org}/`, { name: 'Renamed' }),
    expect: {
      ...forEach(200),
      readOnly: 'permission_denied',
      otherOrgToken: 'not_found',
      nonMember: 'not_found',
      member: 'permission_denied',
    },
  },
  orgDelete: {
    async prepare(target) {
      const { slug } = await orgWithEveryone();
      await harness.db.updateTable('sessions').set({ proven_at: harness.clock.now() }).execute();
      target.org = slug;
    },
    send: (api, { org }) => api.delete(`/orgs/${org}/`),
    expect: {
      ...forEach('permission_denied'),
      otherOrgToken: 'not_found',
      nonMember: 'not_found',
      ownerSession: 204,
    },
  },
  orgRead: {
    send: (api, { org }) => api.get(`/orgs/${org}/`),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  whoamiRead: {
    send: (api) => api.get('/whoami/'),
    expect: { ...forEach(200), ownerSession: 'permission_denied' },
  },
  whoamiDelete: {
    endsToken: true,
    send: (api) => api.delete('/whoami/'),
    expect: { ...forEach(204), ownerSession: 'permission_denied' },
  },
  orgUsageRead: {
    send: (api, { org }) => api.get(`/orgs/${org}/usage/`),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
  workloadList: {
    send: (api, { org }) => api.get(`/orgs/${org}/workloads/`),
    expect: { ...forEach(200), nonMember: 'not_found', otherOrgToken: 'not_found' },
  },
};

let harness: Harness;
let home: TestOrg;
let away: TestOrg;
let owner: Client;
const clients = new Map<Caller, Client>();
const tokenMakers = new Map<Caller, () => Promise<string | null>>();
let serial = 0;
const people = { memberId: 0, adminId: 0 };

/** Another org with the same people. */
async function orgWithEveryone(): Promise<TestOrg> {
  const org = await harness.orgAdd({ ownerId: home.ownerId });
  await harness.memberAdd(org, people.memberId, 'member');
  await harness.memberAdd(org, people.adminId, 'admin');
  return org;
}

before(async () => {
  harness = await harnessOpen({ ISOLATION: 'weak', ORGS_PER_OWNER: '10000' });
  home = await harness.orgAdd();
  away = await harness.orgAdd();
  const plan = { volume_gb_limit: 100_000, kubectl_enabled: true };
  await harness.db.updateTable('orgs').set(plan).execute();
  const now = harness.clock.now();
  const [memberId, adminId] = [await harness.userAdd(), await harness.userAdd()];
  Object.assign(people, { memberId, adminId });
  await harness.memberAdd(home, memberId, 'member');
  await harness.memberAdd(away, memberId, 'member');
  await harness.memberAdd(home, adminId, 'admin');
  const [expired, revoked] = [
    await harness.tokenAdd(home.ownerId, { expiresAt: now }),
    await harness.tokenAdd(home.ownerId),
  ];
  await tokenRowRevoke(harness.db, revoked.slice(4, 16), now);
  const disabledId = await harness.userAdd();
  await harness.memberAdd(home, disabledId, 'owner');
  await harness.db
    .updateTable('users')
    .set({ disabled_at: now })
    .where('id', '=', disabledId)
    .execute();
  const tokens: Record<Exclude<Caller, 'ownerSession'>, () => Promise<string | null>> = {
    anonymous: async () => null,
    malformed: async () => 'dbx_malformed',
    expired: async () => expired,
    revoked: async () => revoked,
    disabled: () => harness.tokenAdd(disabledId),
    readOnly: () => harness.tokenAdd(home.ownerId, { scope: 'read' }),
    otherOrgToken: () => harness.tokenAdd(memberId, { orgId: away.id }),
    nonMember: () => harness.tokenAdd(away.ownerId),
    member: () => harness.tokenAdd(memberId),
    admin: () => harness.tokenAdd(adminId),
    owner: () => harness.tokenAdd(home.ownerId),
  };
  for (const [caller, tokenAdd] of Object.entries(tokens)) {
    tokenMakers.set(caller as Caller, tokenAdd);
    clients.set(caller as Caller, harness.client(await tokenAdd()));
  }
  clients.set('ownerSession', browserClient(await harness.sessionAdd(home.ownerId)));
  owner = clientOf('owner');
});
after(() => harness.close());

function clientOf(caller: Caller): Client {
  return clients.get(caller) ?? assert.fail(caller);
}

/** A client by a token of its own, where the caller uses one. */
async function freshClientOf(caller: Caller): Promise<Client> {
  const tokenAdd = tokenMakers.get(caller);
  return tokenAdd === undefined ? clientOf(caller) : harness.client(await tokenAdd());
}

/** A new person in an org. @returns the id of the membership. */
async function membershipAdd(org: TestOrg, role: 'member' | 'owner'): Promise<number> {
  const userId = await harness.userAdd();
  await harness.memberAdd(org, userId, role);
  const { id } = await harness.db
    .selectFrom('memberships')
    .select('id')
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow();
  return id;
}

async function invitationAdd(): Promise<number> {
  const email = `i${(serial += 1)}@x.invalid`;
  // An org makes a hundred an hour.
  harness.clock.advance(60_000);
  const made = await owner.post('/invitations/', { email }, { 'x-dollarbox-org': home.slug });
  return made.body.id ?? assert.fail(made.text);
}

async function targetCreate(row: Row): Promise<Target> {
  const inHome = { 'x-dollarbox-org': home.slug };
  const container = { name: `c${(serial += 1)}`, image: 'x' };
  const made = await owner.post('/containers/', container, inHome);
  const volume = await owner.post('/volumes/', { name: `v${(serial += 1)}`, size_gb: 1 }, inHome);
  // An org has few of them at a time.
  await harness.db.deleteFrom('registries').execute();
  const credential = { host: `r${(serial += 1)}.example.com`, username: 'u', secret: 's' };
  const registry = await owner.post('/registries/', credential, inHome);
  assert.equal(registry.status, 201, registry.text);
  await harness.db.deleteFrom('kubectl_credentials').execute();
  const kubectl = await owner.post('/kubectl-credentials/', undefined, inHome);
  const target: Target = {
    org: home.slug,
    containerId: assertContainer(made, 201).id,
    volumeId: assertVolume(volume, 201).id,
    registryId: registry.body.id ?? assert.fail(),
    kubectlId: kubectl.body.id ?? assert.fail(kubectl.text),
    memberId: await membershipAdd(home, 'member'),
    invitationId: await invitationAdd(),
    unusedName: `c${(serial += 1)}`,
  };
  await row.prepare?.(target);
  return target;
}

/** The status of a success, the code of an error. */
function outcomeOf(reply: Reply): Outcome {
  return reply.body.error?.code ?? reply.status;
}

/** Everything that a reader of the org sees, to find out whether a refused request changed something. */
async function shown(): Promise<string> {
  const lists = [
    '/containers/?limit=200',
    '/volumes/?limit=200',
    '/orgs/?limit=200',
    '/members/?limit=200',
    '/registries/?limit=200',
    '/kubectl-credentials/?limit=200&all=true',
  ];
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
        const target = await targetCreate(row);
        const api = row.endsToken === true ? await freshClientOf(caller) : clientOf(caller);
        const before = await shown();
        const reply = await row.send(api, target);
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
      const foreign = await targetCreate(row);
      const missing = {
        ...foreign,
        containerId: 2 ** 40,
        volumeId: 2 ** 40,
        memberId: 2 ** 40,
        invitationId: 2 ** 40,
        registryId: 2 ** 40,
        kubectlId: 2 ** 40,
      };
      if (path.startsWith('/orgs/')) missing.org = 'no-such-org';
      else for (const target of [foreign, missing]) target.org = away.slug;
      for (const caller of ['nonMember', 'otherOrgToken'] as const) {
        const [a, b] = [
          await row.send(clientOf(caller), foreign),
          await row.send(clientOf(caller), missing),
        ];
        // A role that does not suffice is refused before the object is looked up.
        if (row.expect[caller] !== 'permission_denied') assert.equal(outcomeOf(a), 'not_found');
        assert.deepEqual([a.status, a.text, headersOf(a)], [b.status, b.text, headersOf(b)]);
      }
    });
  }
});

/** The headers that do not differ from one request to the next. */
function headersOf(reply: Reply): Record<string, unknown> {
  const { date: _date, 'x-request-id': _id, ratelimit: _limit, ...headers } = reply.headers;
  return headers;
}

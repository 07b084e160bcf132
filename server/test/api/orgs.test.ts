import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PROOF_MS } from '../../src/sessions/session-store.ts';
import { browserClient } from '../support/browser.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  assertContainer,
  assertError,
  assertFaults,
  assertVolume,
} from '../support/http-client.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
  await isolationSet('isolated');
});
after(() => harness.close());

async function isolationSet(isolation: 'isolated' | 'weak' | null): Promise<void> {
  await harness.db.updateTable('installation').set({ isolation }).execute();
}

/** The API by a session of this user, who has just proved their identity. */
async function sessionOf(userId: number): Promise<Client> {
  return browserClient(await harness.sessionAdd(userId));
}

async function auditActions(orgId: number): Promise<string[]> {
  const rows = await harness.db
    .selectFrom('audit_log')
    .select('action')
    .where('org_id', '=', orgId)
    .orderBy('id')
    .execute();
  return rows.map(({ action }) => action);
}

let serial = 0;
const unusedSlug = () => `made-${(serial += 1)}`;

describe('creating an org', () => {
  it('makes the caller its owner', async () => {
    const { api } = await harness.callerAdd();
    const slug = unusedSlug();
    const made = await api.post('/orgs/', { slug, name: ' Löwe & Söhne ' });
    assert.equal(made.status, 201, made.text);
    assert.equal(made.headers['x-dollarbox-org'], slug);
    assert.match(made.headers.location ?? '', new RegExp(`/api/v1/orgs/${slug}/$`));
    const shown = await api.get(`/orgs/${slug}/`);
    assert.equal(shown.text, made.text);
    assert.equal(shown.headers.etag, made.headers.etag);
    const { name, role } = made.body;
    assert.deepEqual({ name, role }, { name: ' Löwe & Söhne ', role: 'owner' });
    const container = { name: 'web', image: 'x' };
    assertContainer(await api.post(`/containers/?org=${slug}`, container), 201);
  });

  it('is limited to three that one owns, also when they are created at once', async () => {
    const { api, userId } = await harness.callerAdd();
    const creates = Array.from({ length: 12 }, () =>
      api.post('/orgs/', { slug: unusedSlug(), name: 'X' }),
    );
    const replies = await Promise.all(creates);
    assert.equal(replies.filter(({ status }) => status === 201).length, 2);
    for (const reply of replies.filter(({ status }) => status !== 201)) {
      const detail = assertError(reply, 403, 'quota_exceeded');
      assert.deepEqual(detail, { resource: 'orgs', limit: 3, current: 3 });
    }
    // Deleting one makes room.
    const own = replies.find(({ status }) => status === 201)?.body.slug;
    const session = await sessionOf(userId);
    assert.equal((await session.delete(`/orgs/${own}/`)).status, 204);
    assert.equal((await api.post('/orgs/', { slug: unusedSlug(), name: 'X' })).status, 201);
  });

  it('never gives a slug out twice', async () => {
    const { api, userId } = await harness.callerAdd();
    const slug = unusedSlug();
    assert.equal((await api.post('/orgs/', { slug, name: 'X' })).status, 201);
    const taken = await api.post('/orgs/', { slug, name: 'X' });
    assert.deepEqual(assertError(taken, 409, 'conflict'), { slug });
    const session = await sessionOf(userId);
    assert.equal((await session.delete(`/orgs/${slug}/`)).status, 204);
    const gone = await api.post('/orgs/', { slug, name: 'X' });
    assert.deepEqual([gone.status, gone.text], [taken.status, taken.text]);
    const stranger = await harness.callerAdd();
    assertError(await stranger.api.post('/orgs/', { slug, name: 'X' }), 409, 'conflict');
  });

  it('repeats its reply under an Idempotency-Key, without another org', async () => {
    const { api } = await harness.callerAdd();
    const body = { slug: unusedSlug(), name: 'X' };
    const headers = { 'idempotency-key': 'org' };
    const first = await api.post('/orgs/', body, headers);
    const again = await api.post('/orgs/', body, headers);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.deepEqual([again.status, again.text], [first.status, first.text]);
  });

  it('refuses what can not be a slug or a name', async () => {
    const { api } = await harness.callerAdd();
    for (const slug of ['', 'A', '1a', 'a-', '-a', 'a_b', 'a'.repeat(41), 'ä']) {
      assertFaults(await api.post('/orgs/', { slug, name: 'X' }), ['slug']);
    }
    assertFaults(await api.post('/orgs/', { slug: 'ok', name: '' }), ['name']);
    assertFaults(await api.post('/orgs/', {}), ['slug', 'name']);
  });

  it('is refused to a token that is restricted to an org', async () => {
    const { org, userId } = await harness.callerAdd();
    const api = harness.client(await harness.tokenAdd(userId, { orgId: org.id }));
    const refused = await api.post('/orgs/', { slug: unusedSlug(), name: 'X' });
    assertError(refused, 403, 'permission_denied');
  });

  it('is 503 while it is being found out whether the engine keeps orgs apart', async () => {
    const { api } = await harness.callerAdd();
    const slug = unusedSlug();
    await isolationSet(null);
    const waiting = await api.post('/orgs/', { slug, name: 'X' });
    assertError(waiting, 503, 'service_unavailable');
    assert.ok(waiting.headers['retry-after']);
    await isolationSet('weak');
    assertError(await api.post('/orgs/', { slug, name: 'X' }), 403, 'permission_denied');
    await isolationSet('isolated');
    assert.equal((await api.post('/orgs/', { slug, name: 'X' })).status, 201);
  });

  it('can be left to the operator', async () => {
    const closed = await harness.appAdd({ ORG_CREATION: 'closed' });
    const { token } = await harness.callerAdd();
    const refused = await closed.client(token).post('/orgs/', { slug: unusedSlug(), name: 'X' });
    assertError(refused, 403, 'permission_denied');
    assert.match(refused.text, /operator/);
  });
});

describe('changing an org', () => {
  it('changes what is sent, and nothing else', async () => {
    const { api, org } = await harness.callerAdd();
    const path = `/orgs/${org.slug}/`;
    const before = await api.get(path);
    const both = { name: 'Acme', billing_email: 'Bills@Acme.example' };
    const changed = await api.patch(path, both);
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(changed.body, { ...before.body, ...both });
    assert.equal((await api.get(path)).text, changed.text);
    assert.notEqual(changed.headers.etag, before.headers.etag);
    const same = await api.patch(path, both);
    assert.deepEqual([same.text, same.headers.etag], [changed.text, changed.headers.etag]);
    assert.deepEqual(await auditActions(org.id), ['org.create', 'org.update']);
    assert.equal((await api.patch(path, { billing_email: '' })).body.billing_email, '');
  });

  it('compares If-Match', async () => {
    const { api, org } = await harness.callerAdd();
    const path = `/orgs/${org.slug}/`;
    const { etag } = (await api.get(path)).headers;
    assert.equal((await api.patch(path, { name: 'A' }, { 'if-match': etag })).status, 200);
    const late = await api.patch(path, { name: 'B' }, { 'if-match': etag });
    assertError(late, 412, 'precondition_failed');
  });

  it('refuses other fields and wrong values', async () => {
    const { api, org } = await harness.callerAdd();
    const path = `/orgs/${org.slug}/`;
    const wrong = { name: '', billing_email: 'nobody', api_enabled: 'no', slug: org.slug };
    assertFaults(await api.patch(path, wrong), ['name', 'billing_email', 'api_enabled', 'slug']);
  });

  it('leaves the switches to owners', async () => {
    const { api, org } = await harness.callerAdd({ role: 'admin' });
    const path = `/orgs/${org.slug}/`;
    for (const change of [{ kubectl_enabled: true }, { name: 'X', api_enabled: false }]) {
      const detail = assertError(await api.patch(path, change), 403, 'permission_denied');
      assert.deepEqual(detail, { required_role: 'owner' });
    }
    const owner = harness.client(await harness.tokenAdd(org.ownerId));
    const on = await owner.patch(path, { kubectl_enabled: true });
    assert.equal(on.body.kubectl_enabled, true);
    assert.equal((await api.patch(path, { name: 'X' })).status, 200);
  });

  it('turns the API off for tokens and not for the panel', async () => {
    const { api, org } = await harness.callerAdd();
    const path = `/orgs/${org.slug}/`;
    const other = await harness.appAdd();
    const elsewhere = other.client(await harness.tokenAdd(org.ownerId));
    assert.equal((await api.patch(path, { api_enabled: false })).body.api_enabled, false);
    for (const client of [api, elsewhere]) {
      assertError(await client.get(path), 403, 'api_disabled');
      assertError(await client.post('/containers/', {}), 403, 'api_disabled');
      assertError(await client.patch(path, { api_enabled: true }), 403, 'api_disabled');
    }
    const session = await sessionOf(org.ownerId);
    assert.equal((await session.patch(path, { api_enabled: true })).status, 200);
    assert.equal((await api.get(path)).status, 200);
  });
});

describe('deleting an org', () => {
  let owner: TestCaller;
  let session: Client;
  before(async () => {
    owner = await harness.callerAdd();
    session = await sessionOf(owner.userId);
  });

  it('asks for a proof of the last minutes', async () => {
    const { org } = owner;
    harness.clock.advance(PROOF_MS);
    const late = await session.delete(`/orgs/${org.slug}/`);
    assertError(late, 403, 'reauthentication_required');
    session = await sessionOf(owner.userId);
    assertError(await owner.api.delete(`/orgs/${org.slug}/`), 403, 'permission_denied');
  });

  it('is refused while it has containers or volumes, or any that are being removed', async () => {
    const { api, org } = owner;
    const path = `/orgs/${org.slug}/`;
    const container = assertContainer(
      await api.post('/containers/', { name: 'web', image: 'x' }),
      201,
    );
    const volume = assertVolume(await api.post('/volumes/', { name: 'data', size_gb: 1 }), 201);
    const full = assertError(await session.delete(path), 409, 'conflict');
    assert.deepEqual(full, { containers: 1, volumes: 1 });
    await api.delete(`/containers/${container.id}/`);
    await api.delete(`/volumes/${volume.id}/`);
    assert.deepEqual(assertError(await session.delete(path), 409, 'conflict'), { leaving: 2 });
    await harness.db.deleteFrom('containers').where('org_id', '=', org.id).execute();
    await harness.db.deleteFrom('volumes').where('org_id', '=', org.id).execute();
  });

  it('ends it for everyone, and the tokens that are restricted to it', async () => {
    const { org } = owner;
    const path = `/orgs/${org.slug}/`;
    const memberId = await harness.userAdd();
    await harness.memberAdd(org, memberId, 'member');
    const member = harness.client(await harness.tokenAdd(memberId));
    const restricted = harness.client(await harness.tokenAdd(memberId, { orgId: org.id }));
    assert.equal((await member.get(path)).status, 200);
    const { etag } = (await session.get(path)).headers;
    assertError(await session.delete(path, { 'if-match': '"99.0"' }), 412, 'precondition_failed');
    const gone = await session.delete(path, { 'if-match': etag });
    assert.deepEqual([gone.status, gone.text], [204, '']);
    for (const api of [member, session]) assertError(await api.get(path), 404, 'not_found');
    assertError(await restricted.get('/orgs/'), 401, 'authentication_failed');
    assert.equal((await auditActions(org.id)).at(-1), 'org.delete');
    assertError(await session.delete(path), 404, 'not_found');
  });

  it('and what is created in it at the same time exclude each other', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { api, org, userId } = await harness.callerAdd();
      const remover = await sessionOf(userId);
      const [removed, ...creates] = await Promise.all([
        remover.delete(`/orgs/${org.slug}/`),
        ...Array.from({ length: 6 }, (_, index) =>
          api.post('/containers/', { name: `c${index}`, image: 'x' }),
        ),
      ]);
      const statuses = creates.map(({ status }) => status);
      if (removed.status === 204) {
        assert.ok(
          statuses.every((status) => status === 404 || status === 400),
          `${statuses}`,
        );
      } else {
        assert.equal(removed.status, 409, removed.text);
        assert.ok(statuses.includes(201), `${statuses}`);
      }
    }
  });
});

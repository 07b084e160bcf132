import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setImmediate as nextTick } from 'node:timers/promises';
import { EngineError } from '@dollarbox/engines/contract';
import { OPERATOR, operatorIn } from '../../src/changes/actor.ts';
import type { Event } from '../../src/events/schema.ts';
import { eventsLagSeconds } from '../../src/feed/store.ts';
import { orgSuspend } from '../../src/orgs/operations.ts';
import { userDisable } from '../../src/users/operations.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, type Reply, assertError, assertFaults } from '../support/http-client.ts';

const PATH = '/kubectl-credentials/';

interface Credential {
  id: number;
  org: string;
  name: string | null;
  email: string;
  sa_name: string;
  created_at: string;
  expires_at: string | null;
  kubeconfig?: string;
}

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

function credentialOf(reply: Reply, status = 201): Credential {
  assert.equal(reply.status, status, reply.text);
  return reply.body as unknown as Credential;
}

const create = async (api: Client, body?: object): Promise<Credential> =>
  credentialOf(await api.post(PATH, body));

async function idsOf(api: Client, query = ''): Promise<number[]> {
  const reply = await api.get(`${PATH}${query}`);
  assert.equal(reply.status, 200, reply.text);
  return (reply.body.results ?? []).map(({ id }) => id);
}

async function colleagueAdd(role: 'member' | 'admin'): Promise<{ userId: number; api: Client }> {
  const userId = await harness.userAdd();
  await harness.memberAdd(caller.org, userId, role);
  return { userId, api: harness.client(await harness.tokenAdd(userId)) };
}

/** What the engine still is to remove. */
async function leaving(): Promise<number> {
  const rows = await harness.db
    .selectFrom('kubectl_credentials')
    .select('id')
    .where('org_id', '=', caller.org.id)
    .where('deleted_at', 'is not', null)
    .execute();
  return rows.length;
}

async function events(api: Client): Promise<Event[]> {
  while ((await eventsLagSeconds(harness.db)) > 0) await nextTick();
  return (await api.get('/events/?object=kubectl_credential')).body.results as unknown as Event[];
}

beforeEach(async () => {
  caller = await harness.callerAdd();
  const on = await caller.api.patch(`/orgs/${caller.org.slug}/`, { kubectl_enabled: true });
  assert.equal(on.status, 200, on.text);
});

describe('a kubectl credential', () => {
  it('is shown with its kubeconfig once, and read back alike without it', async () => {
    const reply = await caller.api.post(PATH);
    const { kubeconfig, ...rest } = credentialOf(reply);
    assert.match(kubeconfig ?? '', /^apiVersion: v1\nkind: Config\n/);
    assert.match(kubeconfig ?? '', new RegExp(`current-context: "dollarbox-${caller.org.slug}"`));
    const at = harness.clock.now().toISOString();
    const { id, email, sa_name: account } = rest;
    assert.deepEqual(rest, {
      ...{ id, org: caller.org.slug, name: null, email, sa_name: account },
      ...{ created_at: at, expires_at: null, rotated_at: at, last_downloaded_at: at },
    });
    assert.match(email, /@example\.invalid$/);
    assert.match(account, /^kubectl-[0-9a-f]{24}$/);
    const read = await caller.api.get(`${PATH}${id}/`);
    assert.deepEqual(credentialOf(read, 200), rest);
    assert.equal(read.headers.etag, reply.headers.etag);
    assert.deepEqual((await caller.api.get(PATH)).body.results, [rest]);
    assert.ok(reply.headers.location?.endsWith(`${PATH}${id}/`));
  });

  it('has the name and the term that it was made with', async () => {
    const made = await create(caller.api, { name: 'ci of main', expires_in: 120 });
    assert.equal(made.name, 'ci of main');
    const until = new Date(harness.clock.now().getTime() + 120_000).toISOString();
    assert.equal(made.expires_at, until);
    harness.clock.advance(120_000);
    assert.equal((await caller.api.get(`${PATH}${made.id}/`)).status, 404);
    assert.deepEqual(await idsOf(caller.api), []);
  });

  it('is refused with what is wrong with its body', async () => {
    assertFaults(await caller.api.post(PATH, { expires_in: 59, name: '' }), ['expires_in', 'name']);
    assertFaults(await caller.api.post(PATH, { expires_in: 31_536_001 }), ['expires_in']);
    assertFaults(await caller.api.post(PATH, { more: 1 }), ['more']);
  });

  it('is revoked once', async () => {
    const { id } = await create(caller.api);
    const path = `${PATH}${id}/`;
    assert.equal((await caller.api.delete(path, { 'if-match': '"9.9"' })).status, 412);
    assert.equal((await caller.api.delete(path)).status, 204);
    assert.equal((await caller.api.get(path)).status, 404);
    assert.equal((await caller.api.delete(path)).status, 404);
    assert.equal(await leaving(), 1);
  });

  it('is seen by its member, and by admins who ask for all', async () => {
    const [member, admin] = [await colleagueAdd('member'), await colleagueAdd('admin')];
    const own = await create(caller.api);
    const theirs = await create(member.api);
    assert.deepEqual(await idsOf(member.api), [theirs.id]);
    assert.deepEqual(await idsOf(admin.api), []);
    assert.deepEqual(await idsOf(admin.api, '?all=true'), [theirs.id, own.id]);
    assert.deepEqual(await idsOf(caller.api, '?all=false'), [own.id]);
    const refused = await member.api.get(`${PATH}?all=true`);
    assert.deepEqual(assertError(refused, 403, 'permission_denied'), { required_role: 'admin' });
    assert.equal((await member.api.get(`${PATH}${own.id}/`)).status, 404);
    assert.equal((await member.api.delete(`${PATH}${own.id}/`)).status, 404);
    assert.equal((await admin.api.get(`${PATH}${own.id}/`)).status, 200);
    assert.equal((await admin.api.delete(`${PATH}${theirs.id}/`)).status, 204);
    assert.deepEqual(await idsOf(member.api), []);
  });

  it('has events for those who see it, and rows in the audit log, without the kubeconfig', async () => {
    const member = await colleagueAdd('member');
    const { id } = await create(caller.api, { name: 'mine' });
    await caller.api.delete(`${PATH}${id}/`);
    const theirs = await create(member.api);
    const all = await events(caller.api);
    assert.deepEqual(
      all.map(({ type, object }) => [type, object['id'], object['name']]),
      [
        ['kubectl_credential.created', id, 'mine'],
        ['kubectl_credential.deleted', id, 'mine'],
        ['kubectl_credential.created', theirs.id, null],
      ],
    );
    assert.equal(all[0]?.actor?.user_id, caller.userId);
    assert.deepEqual(
      (await events(member.api)).map(({ object }) => object['id']),
      [theirs.id],
    );
    const audit = (await caller.api.get('/audit-log/')).body.results as unknown as {
      action: string;
    }[];
    const actions = audit.map(({ action }) => action).filter((each) => /kubectl_cred/.test(each));
    assert.deepEqual(actions, [
      ...['kubectl_credential.create', 'kubectl_credential.delete', 'kubectl_credential.create'],
    ]);
    assert.ok(!JSON.stringify([all, audit]).includes('apiVersion'));
  });
});

describe('kubectl mode', () => {
  it('must be on', async () => {
    const org = `/orgs/${caller.org.slug}/`;
    await create(caller.api);
    assert.equal((await caller.api.patch(org, { kubectl_enabled: false })).status, 200);
    assert.deepEqual(await idsOf(caller.api), []);
    assert.equal(await leaving(), 1);
    assertError(await caller.api.post(PATH), 403, 'kubectl_disabled');
    const { body } = await caller.api.get(`${PATH}?all=true`);
    assert.deepEqual(body, { next: null, previous: null, results: [] });
    await caller.api.patch(org, { kubectl_enabled: true });
    assert.deepEqual(await idsOf(caller.api), [], 'what was revoked does not come back');
  });

  it('can not be turned on where containers run on Docker', async () => {
    const docker = await harness.appAdd({ ENGINE: 'docker' });
    const { api, org } = await harness.callerAdd();
    const onDocker = docker.client(await harness.tokenAdd(org.ownerId));
    const path = `/orgs/${org.slug}/`;
    const faults = assertFaults(await onDocker.patch(path, { kubectl_enabled: true }), [
      'kubectl_enabled',
    ]);
    assert.match(String(faults['kubectl_enabled']), /Kubernetes engine/);
    assert.equal((await onDocker.patch(path, { kubectl_enabled: false })).status, 200);
    assert.equal((await api.patch(path, { kubectl_enabled: true })).status, 200);
    // The panel offers it where it can be had.
    for (const [app, isPossible] of [[docker, false] as const, [harness, true] as const]) {
      const { body } = await app.browser().get('/api/account/setup/');
      assert.partialDeepStrictEqual(body, { kubectl: isPossible });
    }
  });
});

describe('the limits of credentials', () => {
  it('are ten of a member, and apart from those 50 of an hour or less', async () => {
    const colleague = await colleagueAdd('member');
    for (let index = 0; index < 10; index += 1) await create(caller.api, { expires_in: 3601 });
    const refused = await caller.api.post(PATH);
    assert.deepEqual(assertError(refused, 403, 'quota_exceeded'), {
      ...{ resource: 'kubectl_credentials', limit: 10, current: 10 },
    });
    for (let index = 0; index < 50; index += 1) await create(caller.api, { expires_in: 3600 });
    const short = await caller.api.post(PATH, { expires_in: 60 });
    assert.equal(assertError(short, 403, 'quota_exceeded')['limit'], 50);
    await create(colleague.api);
    harness.clock.advance(3_600_000);
    await create(caller.api, { expires_in: 60 });
    const [id] = await idsOf(caller.api, '?limit=1');
    await caller.api.delete(`${PATH}${id}/`);
    harness.clock.advance(1000);
    await create(caller.api);
  });

  it('are 200 short ones of an org', async () => {
    for (let person = 0; person < 4; person += 1) {
      const { api } = await colleagueAdd('member');
      for (let index = 0; index < 50; index += 1) await create(api, { expires_in: 3600 });
    }
    const refused = await caller.api.post(PATH, { expires_in: 3600 });
    assert.deepEqual(assertError(refused, 403, 'quota_exceeded'), {
      ...{ resource: 'kubectl_credentials', limit: 200, current: 200 },
    });
    await create(caller.api);
  });
});

describe('whoever loses the right to an org loses their credentials', () => {
  it('when they are removed from it', async () => {
    const member = await colleagueAdd('member');
    const { id } = await create(member.api);
    const kept = await create(caller.api);
    // The newest member.
    const [membership] = (await caller.api.get('/members/')).body.results ?? [];
    assert.equal((await caller.api.delete(`/members/${membership?.id}/`)).status, 204);
    assert.deepEqual(await idsOf(caller.api, '?all=true'), [kept.id]);
    assert.equal(await leaving(), 1);
    const types = (await events(caller.api)).map(({ type, object }) => [type, object['id']]);
    assert.deepEqual(types.at(-1), ['kubectl_credential.deleted', id]);
  });

  it('when their account is disabled', async () => {
    const member = await colleagueAdd('member');
    await create(member.api);
    const kept = await create(caller.api);
    await harness.db
      .transaction()
      .execute((trx) => userDisable(trx, OPERATOR, member.userId, harness));
    assert.deepEqual(await idsOf(caller.api, '?all=true'), [kept.id]);
    assert.equal(await leaving(), 1);
  });

  it('when the org is suspended', async () => {
    await create(caller.api);
    await harness.db
      .transaction()
      .execute((trx) => orgSuspend(trx, operatorIn(caller.org), harness));
    assert.deepEqual(await idsOf(caller.api), []);
    assert.equal(await leaving(), 1);
    assertError(await caller.api.post(PATH), 403, 'permission_denied');
  });
});

describe('issuing', () => {
  /** The next issue does this before it succeeds. */
  function meanwhile(work: () => Promise<unknown>): void {
    const { credentials } = harness.deps;
    assert.ok(credentials !== null);
    const { issue } = credentials;
    credentials.issue = async (spec) => {
      credentials.issue = issue;
      await work();
      return issue(spec);
    };
  }

  it('gives nothing to someone who was removed meanwhile', async () => {
    const member = await colleagueAdd('member');
    meanwhile(() =>
      harness.db.deleteFrom('memberships').where('user_id', '=', member.userId).execute(),
    );
    assert.equal((await member.api.post(PATH)).status, 404);
    assert.equal(await leaving(), 1);
    assert.deepEqual(await events(caller.api), []);
  });

  it('gives nothing if kubectl mode was turned off meanwhile', async () => {
    const org = `/orgs/${caller.org.slug}/`;
    meanwhile(() => caller.api.patch(org, { kubectl_enabled: false }));
    assertError(await caller.api.post(PATH), 403, 'kubectl_disabled');
    assert.equal(await leaving(), 1);
  });

  it('that fails leaves nothing but work for the engine', async () => {
    meanwhile(async () => {
      throw new EngineError('retryable', 'engine_unreachable', 'The engine does not answer.');
    });
    const reply = await caller.api.post(PATH);
    assertError(reply, 503, 'service_unavailable');
    assert.ok(reply.headers['retry-after']);
    assert.deepEqual(await idsOf(caller.api), []);
    assert.equal(await leaving(), 1);
  });

  it('is done once for a key, and its reply is kept sealed', async () => {
    const key = { 'idempotency-key': 'one' };
    const replies: Reply[] = [];
    meanwhile(async () => replies.push(await caller.api.post(PATH, undefined, key)));
    const first = await caller.api.post(PATH, undefined, key);
    const made = credentialOf(first);
    const [during] = replies;
    assert.ok(during !== undefined);
    assertError(during, 409, 'idempotency_in_progress');
    const again = await caller.api.post(PATH, undefined, key);
    assert.deepEqual(credentialOf(again), made);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.deepEqual(await idsOf(caller.api), [made.id]);
    const mismatch = await caller.api.post(PATH, { name: 'other' }, key);
    assertError(mismatch, 422, 'idempotency_mismatch');
    const kept = await harness.db.selectFrom('idempotency_keys').select('reply_sealed').execute();
    const text = kept.map((row) => row.reply_sealed.toString('latin1')).join();
    assert.ok(!text.includes('apiVersion'));
    assert.ok(!harness.logText().includes('apiVersion: v1'));
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestOrg, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  type Reply,
  assertContainer,
  assertError,
  assertFaults,
} from '../support/http-client.ts';

let harness: Harness;
/** One user who is in the orgs `a` and `b`, with tokens of three kinds; `c` belongs to another user. */
let a: TestOrg;
let b: TestOrg;
let c: TestOrg;
let api: Client;
let apiOfA: Client;
let ids: { a: number; b: number; c: number };

before(async () => {
  harness = await harnessOpen();
  a = await harness.orgAdd({ slug: 'a' });
  b = await harness.orgAdd({ slug: 'b', ownerId: a.ownerId });
  c = await harness.orgAdd({ slug: 'c' });
  api = harness.client(await harness.tokenAdd(a.ownerId));
  apiOfA = harness.client(await harness.tokenAdd(a.ownerId, { orgId: a.id }));
  const apiOfC = harness.client(await harness.tokenAdd(c.ownerId));
  const body = { name: 'web', image: 'nginx' };
  const made = await Promise.all([
    api.post('/containers/?org=a', body),
    api.post('/containers/?org=b', body),
    apiOfC.post('/containers/', body),
  ]);
  const [idA = 0, idB = 0, idC = 0] = made.map((reply) => assertContainer(reply, 201).id);
  ids = { a: idA, b: idB, c: idC };
});
after(() => harness.close());

const named = (slug: string) => ({ 'x-dollarbox-org': slug });

function assertOrgs(reply: Reply, ...slugs: string[]): void {
  assert.equal(reply.status, 200, reply.text);
  assert.deepEqual(reply.body.results?.map((one) => one.org).toSorted(), slugs);
}

describe('a token restricted to one org', () => {
  it('acts there, regardless of header and query', async () => {
    const plain = await apiOfA.get('/containers/');
    assertOrgs(plain, 'a');
    assert.equal(plain.headers['x-dollarbox-org'], 'a');
    assertOrgs(await apiOfA.get('/containers/', named('b')), 'a');
    assertOrgs(await apiOfA.get('/containers/?org=b'), 'a');
    assertOrgs(await apiOfA.get('/containers/?org=b', named('nowhere')), 'a');
    const made = await apiOfA.post(
      '/containers/?org=b',
      { name: 'scoped', image: 'x' },
      named('c'),
    );
    assert.equal(assertContainer(made, 201).org, 'a');
    assert.equal((await apiOfA.delete(`/containers/${made.body.id}/`, named('b'))).status, 204);
  });

  it("does not see the user's other orgs", async () => {
    assertError(await apiOfA.get(`/containers/${ids.b}/`), 404, 'not_found');
    assertError(await apiOfA.get(`/containers/${ids.b}/?org=b`), 404, 'not_found');
    assertError(await apiOfA.get('/orgs/b/'), 404, 'not_found');
    assertError(await apiOfA.get('/orgs/b/usage/'), 404, 'not_found');
    const { results } = (await apiOfA.get('/orgs/')).body;
    assert.deepEqual(
      (results as unknown as { slug: string }[]).map(({ slug }) => slug),
      ['a'],
    );
  });

  it('finds nothing once its user has left', async () => {
    const userId = await harness.userAdd();
    await harness.memberAdd(b, userId, 'member');
    const gone = harness.client(await harness.tokenAdd(userId, { orgId: b.id }));
    assertOrgs(await gone.get('/containers/'), 'b');
    await harness.db.deleteFrom('memberships').where('user_id', '=', userId).execute();
    assertError(await gone.get('/containers/'), 404, 'not_found');
    assertError(await gone.post('/containers/', { name: 'x', image: 'x' }), 404, 'not_found');
    assert.deepEqual((await gone.get('/orgs/')).body.results, []);
  });
});

describe('an org named in header or query', () => {
  it('is used, and named in the reply', async () => {
    for (const reply of [
      await api.get('/containers/', named('b')),
      await api.get('/containers/?org=b'),
    ]) {
      assertOrgs(reply, 'b');
      assert.equal(reply.headers['x-dollarbox-org'], 'b');
    }
    assertOrgs(await api.get('/containers/?org=a', named('a')), 'a');
  });

  it('can not be two that differ', async () => {
    assertFaults(await api.get('/containers/?org=a', named('b')), ['org']);
    assertFaults(await api.get('/containers/?org=a&org=b'), ['org']);
    assertFaults(await api.post('/containers/?org=a', { name: 'x', image: 'x' }, named('b')), [
      'org',
    ]);
    // Before checking whether either org is the caller's.
    assertFaults(await api.get('/containers/?org=x', named('y')), ['org']);
  });

  it('is 404 if the caller is not in it, as if it did not exist', async () => {
    const replies = await Promise.all(
      ['c', 'nowhere', '', 'A', 'a,b', '%00', '__proto__'].flatMap((slug) => [
        api.get('/containers/', named(slug)),
        api.get(`/containers/?org=${encodeURIComponent(slug)}`),
        api.post('/containers/', '{}', named(slug)),
      ]),
    );
    for (const reply of replies) assertError(reply, 404, 'not_found');
    for (const reply of replies) assert.match(reply.text, /You are in no org with the slug/);
    assert.equal(new Set(replies.map(({ text }) => text)).size, 1);
  });

  it('hides objects of the others', async () => {
    assert.equal((await api.get(`/containers/${ids.b}/?org=b`)).status, 200);
    assertError(await api.get(`/containers/${ids.b}/?org=a`), 404, 'not_found');
    assertError(await api.patch(`/containers/${ids.b}/?org=a`, {}), 404, 'not_found');
    assertError(await api.delete(`/containers/${ids.b}/?org=a`), 404, 'not_found');
    assert.equal((await api.get(`/containers/${ids.b}/?org=b`)).status, 200);
  });
});

describe('a caller of one org', () => {
  it('need not name it', async () => {
    const { api: single, org } = await harness.callerAdd();
    const made = await single.post('/containers/', { name: 'x', image: 'x' });
    assert.equal(assertContainer(made, 201).org, org.slug);
    assert.equal(made.headers['x-dollarbox-org'], org.slug);
  });
});

describe('a caller of several orgs who names none', () => {
  it('reads all of them', async () => {
    const list = await api.get('/containers/');
    assertOrgs(list, 'a', 'b');
    assert.equal(list.headers['x-dollarbox-org'], undefined);
    const one = await api.get(`/containers/${ids.b}/`);
    assert.equal(assertContainer(one, 200).org, 'b');
    assert.equal(one.headers['x-dollarbox-org'], 'b');
    assertError(await api.get(`/containers/${ids.c}/`), 404, 'not_found');
  });

  it('gets an error on every write, before anything is looked up', async () => {
    const replies = [
      await api.post('/containers/', { name: 'x', image: 'x' }),
      await api.post('/containers/', '{broken'),
      await api.patch(`/containers/${ids.a}/`, {}),
      await api.patch('/containers/999999/', {}),
      await api.delete(`/containers/${ids.a}/`),
      await api.delete('/containers/abc/'),
    ];
    for (const reply of replies) {
      assert.deepEqual(assertError(reply, 400, 'org_required'), { orgs: ['a', 'b'] });
      assert.match(reply.body.error?.message ?? '', /\(a, b\)/);
    }
  });

  it('gets an error with no org at all', async () => {
    const nobody = harness.client(await harness.tokenAdd(await harness.userAdd()));
    const reply = await nobody.post('/containers/', { name: 'x', image: 'x' });
    assert.deepEqual(assertError(reply, 400, 'org_required'), { orgs: [] });
    assertOrgs(await nobody.get('/containers/'));
    assertError(await nobody.get(`/containers/${ids.a}/`), 404, 'not_found');
    assert.deepEqual((await nobody.get('/orgs/')).body.results, []);
  });
});

describe('an org where the API is off', () => {
  let off: TestOrg;
  let mixed: Client;
  let single: Client;
  let id: number;
  before(async () => {
    off = await harness.orgAdd({ slug: 'off' });
    single = harness.client(await harness.tokenAdd(off.ownerId));
    id = assertContainer(await single.post('/containers/', { name: 'x', image: 'x' }), 201).id;
    await harness.memberAdd(off, a.ownerId, 'member');
    await harness.db
      .updateTable('orgs')
      .set({ api_enabled: false })
      .where('id', '=', off.id)
      .execute();
    mixed = api;
  });
  after(async () => {
    await harness.db
      .updateTable('orgs')
      .set({ api_enabled: true })
      .where('id', '=', off.id)
      .execute();
    await harness.db
      .deleteFrom('memberships')
      .where('org_id', '=', off.id)
      .where('user_id', '=', a.ownerId)
      .execute();
  });

  it('refuses its members', async () => {
    for (const reply of [
      await single.get('/containers/'),
      await single.get(`/containers/${id}/`),
      await single.get('/containers/999999/'),
      await single.post('/containers/', '{broken'),
      await single.delete(`/containers/${id}/`),
      await mixed.get('/containers/?org=off'),
      await mixed.get('/containers/', named('off')),
      await mixed.get('/orgs/off/'),
      await mixed.get('/orgs/off/usage/'),
    ]) {
      assert.deepEqual(assertError(reply, 403, 'api_disabled'), {});
    }
  });

  it('is revealed to nobody else', async () => {
    const stranger = harness.client(await harness.tokenAdd(c.ownerId));
    assertError(await stranger.get('/containers/?org=off'), 404, 'not_found');
    assertError(await stranger.get('/orgs/off/'), 404, 'not_found');
  });

  it('is left out of what spans orgs', async () => {
    assertOrgs(await mixed.get('/containers/'), 'a', 'b');
    assertError(await mixed.get(`/containers/${id}/`), 404, 'not_found');
    const { results } = (await mixed.get('/orgs/')).body;
    assert.deepEqual(
      (results as unknown as { slug: string }[]).map(({ slug }) => slug).toSorted(),
      ['a', 'b'],
    );
    const reply = await mixed.post('/containers/', { name: 'x', image: 'x' });
    assert.deepEqual(assertError(reply, 400, 'org_required'), { orgs: ['a', 'b'] });
  });
});

describe('/orgs/ and below', () => {
  it('ignores header and query: the path rules', async () => {
    for (const headers of [named('b'), named('nowhere'), named('a')]) {
      const reply = await api.get('/orgs/a/?org=c', headers);
      assert.equal(reply.status, 200);
      assert.equal((reply.body as { slug?: string }).slug, 'a');
      assert.equal(reply.headers['x-dollarbox-org'], 'a');
      assert.equal((await api.get('/orgs/', headers)).status, 200);
      assert.equal((await api.get('/orgs/a/usage/', headers)).status, 200);
    }
  });

  it('reports the caller’s own role', async () => {
    const userId = await harness.userAdd();
    await harness.memberAdd(a, userId, 'member');
    const member = harness.client(await harness.tokenAdd(userId));
    assert.equal(((await member.get('/orgs/a/')).body as { role?: string }).role, 'member');
    assert.equal(((await api.get('/orgs/a/')).body as { role?: string }).role, 'owner');
  });

  it('answers an invalid slug like a missing one', async () => {
    const missing = await api.get('/orgs/nowhere/');
    assertError(missing, 404, 'not_found');
    for (const slug of ['%00', 'c', 'A', '-', '%20', 'a%2Fb', '%F0%9F%A6%8A', 'x'.repeat(5000)]) {
      const reply = await api.get(`/orgs/${slug}/`);
      assert.deepEqual([reply.status, reply.text], [404, missing.text], slug);
    }
  });

  it('counts usage', async () => {
    assert.deepEqual((await api.get('/orgs/b/usage/')).body, {
      containers: { limit: 1000, current: 1 },
      volume_gb: { limit: 50, current: 0 },
    });
  });
});

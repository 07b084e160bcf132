import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type Client, assertContainer, assertFaults } from '../support/http-client.ts';
import { ACCOUNT, bodyOf, personAdd } from '../support/people.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

interface Entry {
  id: number;
  at: string;
  actor: { kind: string; user_id: number | null; email: string | null };
  token: { public_id: string; name: string } | null;
  session_id: number | null;
  ip_address: string | null;
  request_id: string | null;
  action: string;
  object: { kind: string; id: number | null };
  changes: Record<string, { old: unknown; new: unknown }>;
  detail: Record<string, unknown>;
}

async function entries(api: Client, query = ''): Promise<Entry[]> {
  const reply = await api.get(`/audit-log/${query}`);
  assert.equal(reply.status, 200, reply.text);
  return reply.body.results as unknown as Entry[];
}

const actionsOf = (list: readonly Entry[]) => list.map(({ action }) => action);

describe('the audit log', () => {
  it('says who did what, by which token or session, and from where', async () => {
    const { api, org, userId, token } = await harness.callerAdd();
    const path = `/orgs/${org.slug}/`;
    const headers = { 'x-request-id': 'by-token' };
    await api.patch(path, { name: 'One' }, headers);
    const session = await harness.sessionAdd(userId);
    await session.patch(`/api/v1${path}`, { name: 'Two' }, { 'x-request-id': 'by-session' });
    const [second, first, made] = await entries(api);
    assert.deepEqual(first?.token, { public_id: token.slice(4, 16), name: 'test' });
    assert.deepEqual([first.session_id, first.request_id], [null, 'by-token']);
    assert.deepEqual([first.action, first.object], ['org.update', { kind: 'org', id: org.id }]);
    assert.deepEqual(first.changes, { name: { old: org.slug, new: 'One' } });
    assert.match(first.ip_address ?? '', /^(::ffff:)?127\.0\.0\.1$/);
    assert.equal(first.actor.user_id, userId);
    assert.match(first.actor.email ?? '', /@example\.invalid$/);
    assert.equal(second?.token, null);
    assert.equal(typeof second.session_id, 'number');
    assert.deepEqual(second.changes, { name: { old: 'One', new: 'Two' } });
    assert.deepEqual(made?.actor, { kind: 'operator', user_id: null, email: null });
    assert.deepEqual([made.action, made.ip_address], ['org.create', null]);
  });

  it('names the members and tokens that it is about', async () => {
    const { api, org } = await harness.callerAdd();
    const { email, userId: id, browser } = await personAdd(harness);
    await harness.memberAdd(org, id, 'member');
    const memberId = async () => (await api.get('/members/')).body.results?.[0]?.id;
    await api.patch(`/members/${await memberId()}/`, { role: 'admin' });
    const input = { name: 'deploy', scope: 'read', org: org.slug };
    const token = bodyOf(await browser.post(`${ACCOUNT}/tokens/`, input), 201);
    bodyOf(await browser.delete(`${ACCOUNT}/tokens/${String(token['public_id'])}/`), 204);
    await api.delete(`/members/${await memberId()}/`);
    await harness.memberAdd(org, id, 'admin');
    bodyOf(await browser.delete(`${ACCOUNT}/`), 204);
    const named = (await entries(api)).map(({ action, detail }) => [
      action,
      detail['email'] ?? detail['name'] ?? null,
    ]);
    assert.deepEqual(named, [
      ['member.delete', email],
      ['member.add', email],
      ['member.delete', email],
      ['token.revoke', 'deploy'],
      ['token.create', 'deploy'],
      ['member.update', email],
      ['member.add', email],
      ['org.create', null],
    ]);
    const [left] = await entries(api, '?action=member.delete');
    assert.equal(left?.actor.user_id, id, 'who deleted their account, left');
  });

  it('has the names of env alone, and of long values a hash and a length', async () => {
    const { api } = await harness.callerAdd();
    const env = { STAYS: 'canary-0', CHANGES: 'canary-1', GOES: 'canary-2' };
    const body = { name: 'web', image: 'a', env, command: ['x'] };
    const { id } = assertContainer(await api.post('/containers/', body), 201);
    const command = ['y'.repeat(2000)];
    const next = { STAYS: 'canary-0', CHANGES: 'canary-3', COMES: 'canary-4' };
    await api.patch(`/containers/${id}/`, { image: 'b', env: next, command });
    const [changed, made] = await entries(api, `?object=container:${id}`);
    assert.equal(made?.action, 'container.create');
    assert.deepEqual(changed?.changes['env'], {
      old: ['CHANGES (changed)', 'GOES'],
      new: ['CHANGES (changed)', 'COMES'],
    });
    assert.deepEqual(changed.changes['image'], { old: 'a', new: 'b' });
    const { old, new: long } = changed.changes['command'] ?? assert.fail();
    assert.deepEqual(old, ['x']);
    assert.deepEqual(Object.keys(long as object).toSorted(), ['bytes', 'sha256']);
    assert.equal((long as { bytes: number }).bytes, 2004);
    const kept = await harness.db.selectFrom('audit_log').selectAll().execute();
    assert.ok(!JSON.stringify(kept).includes('canary'));
  });

  it('is filtered, and read in pages that keep the filters', async () => {
    const { api, org, userId } = await harness.callerAdd();
    const adminId = await harness.userAdd();
    await harness.memberAdd(org, adminId, 'admin');
    const admin = harness.client(await harness.tokenAdd(adminId));
    const container = async (by: Client, name: string) =>
      assertContainer(await by.post('/containers/', { name, image: 'x' }), 201).id;
    const first = await container(api, 'a');
    harness.clock.advance(3_600_000);
    const middle = harness.clock.now().toISOString();
    const second = await container(admin, 'b');
    await admin.delete(`/containers/${second}/`);
    const of = (query: string) => entries(admin, query).then(actionsOf);
    assert.deepEqual(await of('?object=container'), [
      'container.delete',
      'container.create',
      'container.create',
    ]);
    assert.deepEqual(await of(`?object=container:${first}`), ['container.create']);
    assert.deepEqual(await of('?action=container.delete'), ['container.delete']);
    assert.deepEqual(await of(`?actor=${userId}`), ['container.create']);
    assert.deepEqual(await of('?actor=operator'), ['member.add', 'org.create']);
    const { email } = await harness.db
      .selectFrom('users')
      .select('email')
      .where('id', '=', adminId)
      .executeTakeFirstOrThrow();
    const address = encodeURIComponent(email.toUpperCase());
    assert.deepEqual(await of(`?actor=${address}`), ['container.delete', 'container.create']);
    assert.equal((await of(`?since=${middle}`)).length, 2);
    assert.equal((await of(`?until=${middle}`)).length, 3);
    const page = await admin.get('/audit-log/?object=container&limit=2');
    const next = new URL(page.body.next ?? assert.fail()).search;
    assert.deepEqual(await of(next), ['container.create']);
    for (const [query, field] of [
      ['?actor=someone', 'actor'],
      ['?action=Delete', 'action'],
      ['?object=container:x', 'object'],
      ['?since=yesterday', 'since'],
      ['?until=2026-02-31T25:00:00Z', 'until'],
      ['?name=x', 'name'],
    ] as const) {
      assertFaults(await admin.get(`/audit-log/${query}`), [field]);
    }
  });
});

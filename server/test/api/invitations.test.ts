import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestApp, harnessOpen } from '../support/harness.ts';
import { assertError, assertFaults } from '../support/http-client.ts';
import { mailsTo } from '../support/people.ts';

let harness: Harness;
let closed: TestApp;
before(async () => {
  harness = await harnessOpen();
  closed = await harness.appAdd({ SIGNUP: 'closed' });
});
after(() => harness.close());

let serial = 0;
const addressNew = () => `Invited${(serial += 1)}@Example.invalid`;

describe('an invitation', () => {
  it('is read back as it was written, without its link', async () => {
    const { api, org } = await harness.callerAdd();
    const email = addressNew();
    const made = await api.post('/invitations/', { email });
    assert.equal(made.status, 201, made.text);
    const { accept_url: url, ...rest } = made.body as Record<string, unknown>;
    assert.match(
      String(url),
      /^https:\/\/panel\.example\/invitations\/accept\?token=[0-9A-Za-z]{43}$/,
    );
    const { id, created_at: createdAt, expires_at: expiresAt, ...fields } = rest;
    assert.deepEqual(fields, { org: org.slug, email, role: 'member', accepted: false });
    const week = new Date(String(expiresAt)).getTime() - new Date(String(createdAt)).getTime();
    assert.equal(week, 7 * 24 * 3_600_000);
    const shown = await api.get(`/invitations/${String(id)}/`);
    assert.deepEqual(shown.body, rest);
    assert.equal(shown.headers.etag, made.headers.etag);
    assert.deepEqual((await api.get('/invitations/')).body.results, [rest]);
    const [mail] = await mailsTo(harness, email);
    assert.match(mail?.text ?? '', /https:\/\/panel\.example\/invitations\/accept\?token=/);
    assert.ok(!mail?.text.includes(String(url)), 'the mail has a link of its own');
  });

  it('is one at a time for an address, and not for a member', async () => {
    const { api, org, userId } = await harness.callerAdd();
    const email = addressNew();
    const first = await api.post('/invitations/', { email });
    const again = await api.post('/invitations/', { email: email.toUpperCase() });
    assert.deepEqual(assertError(again, 409, 'conflict'), { invitation: first.body.id });
    const other = await harness.callerAdd();
    assert.equal((await other.api.post('/invitations/', { email })).status, 201);
    await api.delete(`/invitations/${first.body.id}/`);
    assert.equal((await api.post('/invitations/', { email })).status, 201);
    const owner = await harness.db
      .selectFrom('users')
      .select('email')
      .where('id', '=', userId)
      .executeTakeFirstOrThrow();
    const member = await api.post('/invitations/', { email: owner.email.toUpperCase() });
    assertError(member, 409, 'conflict');
    // One that has expired is in nobody's way, and stays readable.
    const late = addressNew();
    const expired = await api.post('/invitations/', { email: late });
    harness.clock.advance(7 * 24 * 3_600_000);
    assert.equal((await api.post('/invitations/', { email: late })).status, 201);
    assert.equal((await api.get(`/invitations/${expired.body.id}/`)).status, 200);
    assertError(await api.post(`/invitations/${expired.body.id}/resend/`), 409, 'conflict');
    assert.equal((await api.get(`/orgs/${org.slug}/`)).status, 200);
  });

  it('is refused to what is no address, to owners-to-be and to other fields', async () => {
    const { api } = await harness.callerAdd();
    for (const email of [
      '',
      'x',
      'a b@c.d',
      'a@b\r\nBcc: c@d',
      'a,b@c.d',
      `${'x'.repeat(65)}@y.z`,
    ]) {
      assertFaults(await api.post('/invitations/', { email }), ['email']);
    }
    const faults = { email: 'a@b.c', role: 'owner', org: 'x' };
    assertFaults(await api.post('/invitations/', faults), ['role', 'org']);
    assert.equal((await api.post('/invitations/', { email: 'x@example.invalid' })).status, 201);
  });

  it('is repeated under an Idempotency-Key with the same link', async () => {
    const { api } = await harness.callerAdd();
    const body = { email: addressNew() };
    const headers = { 'idempotency-key': 'i' };
    const first = await api.post('/invitations/', body, headers);
    const again = await api.post('/invitations/', body, headers);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.text, first.text);
  });

  it('gets a new link and a new version by a resend, and is revoked by DELETE', async () => {
    const { api } = await harness.callerAdd();
    const made = await api.post('/invitations/', { email: addressNew() });
    const path = `/invitations/${made.body.id}/`;
    harness.clock.advance(24 * 3_600_000);
    const resent = await api.post(`${path}resend/`);
    assert.equal(resent.status, 200, resent.text);
    assert.notEqual(resent.body.accept_url, made.body.accept_url);
    assert.notEqual(resent.headers.etag, made.headers.etag);
    const old = { 'if-match': made.headers.etag };
    assertError(await api.delete(path, old), 412, 'precondition_failed');
    assert.equal((await api.delete(path, { 'if-match': resent.headers.etag })).status, 204);
    assertError(await api.get(path), 404, 'not_found');
    assertError(await api.delete(path), 404, 'not_found');
    assert.deepEqual((await api.get('/invitations/')).body.results, []);
  });

  it('carries the same notice in every reply where sign-up is closed', async () => {
    const { token } = await harness.callerAdd();
    const api = closed.client(token);
    const known = addressNew();
    const userId = await harness.userAdd();
    await harness.db.updateTable('users').set({ email: known }).where('id', '=', userId).execute();
    const notices = new Set<unknown>();
    for (const email of [known, addressNew()]) {
      const made = await api.post('/invitations/', { email });
      assert.equal(made.status, 201, made.text);
      const path = `/invitations/${made.body.id}/`;
      const replies = [made.body, (await api.get(path)).body];
      replies.push((await api.post(`${path}resend/`)).body);
      replies.push(...((await api.get('/invitations/')).body.results ?? []));
      for (const body of replies) notices.add((body as { notice?: string }).notice);
    }
    assert.equal(notices.size, 1);
    assert.match(String([...notices][0]), /account/);
  });

  it('floods nobody with mail', async () => {
    const email = addressNew();
    const statuses = [];
    for (let count = 0; count < 12; count += 1) {
      const { api } = await harness.callerAdd();
      const reply = await api.post('/invitations/', { email });
      statuses.push(reply.status);
      if (reply.status !== 201) {
        assertError(reply, 429, 'rate_limited');
        assert.ok(Number(reply.headers['retry-after']) > 0);
      }
    }
    assert.equal(statuses.filter((status) => status === 201).length, 10);
    harness.clock.advance(3_600_000);
    const { api } = await harness.callerAdd();
    assert.equal((await api.post('/invitations/', { email })).status, 201);
  });

  it('is listed over the orgs in which the caller may see invitations', async () => {
    const { api, userId, org } = await harness.callerAdd();
    await api.post('/invitations/', { email: addressNew() });
    const other = await harness.callerAdd();
    await other.api.post('/invitations/', { email: addressNew() });
    await harness.memberAdd(other.org, userId, 'member');
    const listed = await api.get('/invitations/');
    assert.deepEqual(
      listed.body.results?.map((row) => row.org),
      [org.slug],
    );
    const refused = await api.get(`/invitations/?org=${other.org.slug}`);
    assert.deepEqual(assertError(refused, 403, 'permission_denied'), { required_role: 'admin' });
  });
});

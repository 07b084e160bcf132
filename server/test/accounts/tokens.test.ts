import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestApp, harnessOpen } from '../support/harness.ts';
import { assertError, assertFaults } from '../support/http-client.ts';
import { ACCOUNT, bodyOf, personAdd, twoFactorTurnOn } from '../support/people.ts';

const PROOF_MS = 300_000;

interface Listed {
  id: number;
  public_id: string;
  name: string;
  scope: string;
  org: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}
type Made = Listed & { token: string };

let harness: Harness;
let other: TestApp;
before(async () => {
  harness = await harnessOpen();
  other = await harness.appAdd();
});
after(() => harness.close());

describe('an API token', () => {
  it('is created, shown once, listed, used, and revoked: refused on the very next request', async () => {
    const { browser, org } = await personAdd(harness);
    const body = { name: 'deploy', scope: 'write', org: org.slug };
    const { token, ...made } = bodyOf<Made>(await browser.post(`${ACCOUNT}/tokens/`, body), 201);
    assert.match(token, /^dbx_[0-9A-Za-z]{12}_[0-9A-Za-z]{40}$/);
    assert.ok(Number.isSafeInteger(made.id) && made.id > 0);
    assert.deepEqual(made, {
      id: made.id,
      public_id: token.slice(4, 16),
      ...body,
      created_at: harness.clock.now().toISOString(),
      expires_at: null,
      last_used_at: null,
    });
    const list = await browser.get(`${ACCOUNT}/tokens/`);
    assert.deepEqual(bodyOf<{ results: Listed[] }>(list).results, [made]);
    assert.ok(!list.text.includes(token.slice(17)), 'its secret is shown no more');

    const clients = [harness.client(token), other.client(token)];
    for (const client of clients) assert.equal((await client.get('/containers/')).status, 200);
    bodyOf(await browser.delete(`${ACCOUNT}/tokens/${made.public_id}/`), 204);
    for (const client of clients) {
      assertError(await client.get('/containers/'), 401, 'authentication_failed');
    }
    assert.deepEqual(bodyOf(await browser.get(`${ACCOUNT}/tokens/`)), { results: [] });
    const again = await browser.delete(`${ACCOUNT}/tokens/${made.public_id}/`);
    assertError(again, 404, 'not_found');
  });

  it('can be restricted to reading, to one org and to a time', async () => {
    const { browser, org } = await personAdd(harness);
    const inAnHour = new Date(harness.clock.now().getTime() + 3_600_000).toISOString();
    const body = { name: 'look', scope: 'read', org: org.slug, expires_at: inAnHour };
    const { token } = bodyOf<Made>(await browser.post(`${ACCOUNT}/tokens/`, body), 201);
    const api = harness.client(token);
    const refused = await api.post('/containers/', { name: 'a', image: 'x' });
    assertError(refused, 403, 'permission_denied');
    assert.equal((await api.get('/containers/')).headers['x-dollarbox-org'], org.slug);
    harness.clock.advance(3_600_000);
    assertError(await api.get('/containers/'), 401, 'authentication_failed');
  });

  it('that is invalid gets a report of all its faults', async () => {
    const { browser } = await personAdd(harness);
    const [foreign] = [await personAdd(harness)];
    const send = (body: object) => browser.post(`${ACCOUNT}/tokens/`, body);
    assertFaults(await send({}), ['name', 'scope']);
    assertFaults(await send({ name: '', scope: 'all', expires_at: 'soon', owner: 1 }), [
      'name',
      'scope',
      'expires_at',
      'owner',
    ]);
    for (const expires of ['2026-02-30T00:00:00Z', '2027-01-01', '2020-01-01T00:00:00Z']) {
      const reply = await send({ name: 'a', scope: 'read', expires_at: expires });
      assertFaults(reply, ['expires_at']);
    }
    for (const org of ['no-such-org', foreign?.org.slug]) {
      assertFaults(await send({ name: 'a', scope: 'read', org }), ['org']);
    }
    bodyOf(await send({ name: 'a', scope: 'read', org: null, expires_at: null }), 201);
  });

  it('requires a fresh proof with two-factor on, and none without', async () => {
    const { browser } = await personAdd(harness);
    harness.clock.advance(PROOF_MS);
    const send = () => browser.post(`${ACCOUNT}/tokens/`, { name: 'a', scope: 'read' });
    bodyOf(await send(), 201);
    const two = await personAdd(harness);
    await twoFactorTurnOn(harness, two.browser);
    harness.clock.advance(PROOF_MS);
    const refused = await two.browser.post(`${ACCOUNT}/tokens/`, { name: 'a', scope: 'read' });
    assertError(refused, 403, 'reauthentication_required');
  });

  it('is one of at most a hundred', async () => {
    const { browser, userId } = await personAdd(harness);
    for (let count = 0; count < 100; count += 1) await harness.tokenAdd(userId);
    const reply = await browser.post(`${ACCOUNT}/tokens/`, { name: 'a', scope: 'read' });
    assertError(reply, 409, 'conflict');
  });
});

describe('when a token was last used', () => {
  it('is recorded every few minutes at most, by each process, apart from the request', async () => {
    const { browser } = await personAdd(harness);
    const body = { name: 'a', scope: 'read' };
    const { token } = bodyOf<Made>(await browser.post(`${ACCOUNT}/tokens/`, body), 201);
    const lastUsed = async () => {
      await harness.deps.usage.flush();
      await other.deps.usage.flush();
      const reply = await browser.get(`${ACCOUNT}/tokens/`);
      return bodyOf<{ results: Listed[] }>(reply).results[0]?.last_used_at;
    };
    const use = async (app: TestApp) => {
      assert.equal((await app.client(token).get('/containers/')).status, 200);
    };
    assert.equal(await lastUsed(), null);
    const first = harness.clock.now().toISOString();
    await use(harness);
    assert.equal(await lastUsed(), first);
    harness.clock.advance(60_000);
    await use(harness);
    await use(other);
    assert.equal(await lastUsed(), first, 'a moment later nothing is written');
    harness.clock.advance(PROOF_MS);
    const later = harness.clock.now().toISOString();
    await use(other);
    assert.equal(await lastUsed(), later);
  });

  it('neither waits for writes nor delays them', async () => {
    const { userId } = await personAdd(harness);
    const token = await harness.tokenAdd(userId);
    await harness.client(token).get('/containers/');
    await harness.db.transaction().execute(async (trx) => {
      // As a write with this token does.
      await trx
        .selectFrom('tokens')
        .select('id')
        .where('public_id', '=', token.slice(4, 16))
        .forShare()
        .execute();
      await harness.deps.usage.flush();
    });
    const noted = await harness.db
      .selectFrom('token_uses')
      .innerJoin('tokens', 'tokens.id', 'token_id')
      .select('last_used_at')
      .where('public_id', '=', token.slice(4, 16))
      .execute();
    assert.equal(noted.length, 1);
  });
});

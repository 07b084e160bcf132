import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertError, assertFaults } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  isIn,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';

const PROOF_MS = 300_000;

interface Listed {
  id: number;
  created_at: string;
  last_seen_at: string;
  ip_address: string;
  user_agent: string;
  current: boolean;
}

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

describe('the sessions of an account', () => {
  it('are listed with place and time, and can be ended one by one from another browser', async () => {
    const { email, browser } = await personAdd(harness);
    harness.clock.advance(60_000);
    const phone = harness.browser();
    const agent = { 'user-agent': `Phone ${'x'.repeat(400)}` };
    bodyOf(await phone.post(`${ACCOUNT}/sign-in/`, { email, password: PASSWORD }, agent));
    harness.clock.advance(120_000);
    const seenAt = harness.clock.now().toISOString();
    await phone.get('/api/v1/orgs/');
    await harness.deps.usage.flush();

    const { results } = bodyOf<{ results: Listed[] }>(await browser.get(`${ACCOUNT}/sessions/`));
    assert.deepEqual(
      results.map(({ current, ip_address: address }) => [current, address]),
      [
        [false, '127.0.0.1'],
        [true, '192.0.2.1'],
      ],
    );
    const [other] = results;
    assert.equal(other?.last_seen_at, seenAt);
    assert.equal(other.user_agent.length, 300);

    bodyOf(await browser.delete(`${ACCOUNT}/sessions/${other.id}/`), 204);
    assert.equal(await isIn(phone), false);
    const again = await browser.delete(`${ACCOUNT}/sessions/${other.id}/`);
    assertError(again, 404, 'not_found');
    const rest = bodyOf<{ results: Listed[] }>(await browser.get(`${ACCOUNT}/sessions/`));
    assert.equal(rest.results.length, 1);
  });

  it('end all at once, except the requesting one', async () => {
    const { userId, browser } = await personAdd(harness);
    const others = [await harness.sessionAdd(userId), await harness.sessionAdd(userId)];
    bodyOf(await browser.post(`${ACCOUNT}/sessions/end-others/`), 204);
    assert.equal(await isIn(browser), true);
    for (const other of others) assert.equal(await isIn(other), false);
  });

  it('include the requesting one, whose cookie is removed when it ends', async () => {
    const { browser } = await personAdd(harness);
    const { results } = bodyOf<{ results: Listed[] }>(await browser.get(`${ACCOUNT}/sessions/`));
    bodyOf(await browser.delete(`${ACCOUNT}/sessions/${results[0]?.id}/`), 204);
    assert.equal(browser.cookies.size, 0);
  });

  it('do not include those of others', async () => {
    const [one, two] = [await personAdd(harness), await personAdd(harness)];
    const { results } = bodyOf<{ results: Listed[] }>(
      await two.browser.get(`${ACCOUNT}/sessions/`),
    );
    const reply = await one.browser.delete(`${ACCOUNT}/sessions/${results[0]?.id}/`);
    assertError(reply, 404, 'not_found');
    bodyOf(await one.browser.post(`${ACCOUNT}/sessions/end-others/`), 204);
    assert.equal(await isIn(two.browser), true);
  });
});

describe('a proof of identity', () => {
  it('counts for five minutes from signing in', async () => {
    const { browser } = await personAdd(harness);
    harness.clock.advance(PROOF_MS - 1);
    bodyOf(await browser.post(`${ACCOUNT}/sessions/end-others/`), 204);
    harness.clock.advance(1);
    const late = await browser.post(`${ACCOUNT}/sessions/end-others/`);
    assertError(late, 403, 'reauthentication_required');
    assert.equal(bodyOf(await browser.get(`${ACCOUNT}/`))['reauthenticated_until'], null);
  });

  it('is given again by the password, which renews the session’s secret', async () => {
    const { browser } = await personAdd(harness);
    harness.clock.advance(PROOF_MS);
    const before = harness.browser();
    for (const [name, value] of browser.cookies) before.cookies.set(name, value);
    const wrong = await browser.post(`${ACCOUNT}/reauthentication/`, { password: 'wrong' });
    assertFaults(wrong, ['password']);
    const reply = await browser.post(`${ACCOUNT}/reauthentication/`, { password: PASSWORD });
    const until = new Date(harness.clock.now().getTime() + PROOF_MS).toISOString();
    assert.deepEqual(bodyOf(reply), { reauthenticated_until: until });
    bodyOf(await browser.post(`${ACCOUNT}/sessions/end-others/`), 204);
    assert.equal(await isIn(before), false, 'the secret before is worth nothing');
    const { results } = bodyOf<{ results: Listed[] }>(await browser.get(`${ACCOUNT}/sessions/`));
    assert.equal(results.length, 1, 'it is the same session');
  });

  it('requires the second factor too if there is one, each code once', async () => {
    const { browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    harness.clock.advance(PROOF_MS);
    const send = (body: object) => browser.post(`${ACCOUNT}/reauthentication/`, body);
    assertFaults(await send({ password: PASSWORD }), ['code']);
    assertFaults(await send({ password: PASSWORD, code: '000000' }), ['code']);
    assertFaults(await send({ password: 'wrong', code: app.code() }), ['password']);
    bodyOf(await send({ password: PASSWORD, code: app.code() }));
    assertFaults(await send({ password: PASSWORD, code: app.code() }), ['code']);
  });

  it('is one thing or the other', async () => {
    const { browser } = await personAdd(harness);
    const send = (body: object) => browser.post(`${ACCOUNT}/reauthentication/`, body);
    assertFaults(await send({}), ['password']);
    const credential = {
      id: 'AA',
      rawId: 'AA',
      type: 'public-key',
      response: { clientDataJSON: 'e30' },
      clientExtensionResults: {},
    };
    assertFaults(await send({ password: PASSWORD, credential }), ['credential']);
  });

  it('can be tried ten times, then not for a while', async () => {
    const { browser } = await personAdd(harness);
    const send = (password: string) => browser.post(`${ACCOUNT}/reauthentication/`, { password });
    for (let count = 0; count < 10; count += 1) assertFaults(await send('wrong'), ['password']);
    assertError(await send(PASSWORD), 429, 'rate_limited');
    harness.clock.advance(900_000);
    bodyOf(await send(PASSWORD));
  });
});

describe('turning two-factor on', () => {
  it('requires the password and a code, ends other sessions, and renews the requesting one', async () => {
    const { browser, userId, email } = await personAdd(harness);
    const other = await harness.sessionAdd(userId);
    const before = harness.browser();
    for (const [name, value] of browser.cookies) before.cookies.set(name, value);
    const wrong = await browser.post(`${ACCOUNT}/two-factor/`, { password: 'wrong' });
    assertFaults(wrong, ['password']);
    const begun = bodyOf<{ secret: string; uri: string; qr_svg: string }>(
      await browser.post(`${ACCOUNT}/two-factor/`, { password: PASSWORD }),
    );
    assert.match(begun.secret, /^[A-Z2-7]{32}$/);
    assert.ok(begun.uri.includes(begun.secret) && begun.uri.includes(encodeURIComponent(email)));
    assert.match(begun.qr_svg, /^<svg .*<\/svg>$/s);
    assert.doesNotMatch(begun.qr_svg, /script|href|onload/i);
    assert.deepEqual(bodyOf(await signIn(harness.browser(), email)), {
      two_factor_required: false,
    });

    const app = await twoFactorTurnOn(harness, browser);
    assert.equal(app.backupCodes.length, 10);
    assert.equal(new Set(app.backupCodes).size, 10);
    for (const code of app.backupCodes) assert.match(code, /^[2-9a-z]{5}-[2-9a-z]{5}$/);
    assert.equal(bodyOf(await browser.get(`${ACCOUNT}/`))['two_factor_enabled'], true);
    assert.equal(await isIn(other), false);
    assert.equal(await isIn(before), false);
    const again = await browser.post(`${ACCOUNT}/two-factor/`, { password: PASSWORD });
    assertError(again, 409, 'conflict');
  });

  it('fails with a wrong code', async () => {
    const { browser, email } = await personAdd(harness);
    bodyOf(await browser.post(`${ACCOUNT}/two-factor/`, { password: PASSWORD }));
    for (let count = 0; count < 10; count += 1) {
      const reply = await browser.post(`${ACCOUNT}/two-factor/confirm/`, { code: '000000' });
      assertFaults(reply, ['code']);
    }
    const locked = await browser.post(`${ACCOUNT}/two-factor/confirm/`, { code: '000000' });
    assertError(locked, 429, 'rate_limited');
    assert.deepEqual(bodyOf(await signIn(harness.browser(), email)), {
      two_factor_required: false,
    });
  });
});

describe('with two-factor on', () => {
  it('new backup codes replace the old ones', async () => {
    const { browser, email } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    const { backup_codes: codes } = bodyOf<{ backup_codes: string[] }>(
      await browser.post(`${ACCOUNT}/two-factor/backup-codes/`),
    );
    for (const [code, status] of [
      [app.backupCodes[0], 401],
      [codes[0], 200],
    ] as const) {
      const other = harness.browser();
      await signIn(other, email);
      const reply = await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code });
      assert.equal(reply.status, status);
    }
  });

  it('it is turned off again only with a fresh proof', async () => {
    const { browser, email } = await personAdd(harness);
    await twoFactorTurnOn(harness, browser);
    harness.clock.advance(PROOF_MS);
    assertError(await browser.delete(`${ACCOUNT}/two-factor/`), 403, 'reauthentication_required');
    assert.deepEqual(bodyOf(await signIn(harness.browser(), email)), { two_factor_required: true });
  });
});

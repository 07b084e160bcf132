import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { firstRun } from '../../src/first-run.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  headersOf,
  isIn,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';

const WINDOW_MS = 900_000;
const STEP_MS = 30_000;

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

describe('the owner of the first run', () => {
  it('signs in, is known, and signs out', async () => {
    const fresh = await harnessOpen();
    try {
      const made = (await firstRun(fresh.deps)) ?? assert.fail('no first run');
      const browser = fresh.browser();
      assertError(await browser.get(`${ACCOUNT}/`), 401, 'authentication_failed');
      const reply = await signIn(browser, made.email, made.password);
      assert.deepEqual(bodyOf(reply), { two_factor_required: false });

      const { id: _id, ...shown } = bodyOf(await browser.get(`${ACCOUNT}/`));
      assert.deepEqual(shown, {
        email: made.email,
        name: 'Owner',
        email_verified: true,
        two_factor_enabled: false,
        reauthenticated_until: new Date(fresh.clock.now().getTime() + 300_000).toISOString(),
        created_at: fresh.clock.now().toISOString(),
        orgs: [{ slug: 'main', name: 'Main', role: 'owner' }],
      });

      const thief = fresh.browser();
      for (const [name, value] of browser.cookies) thief.cookies.set(name, value);
      bodyOf(await browser.post(`${ACCOUNT}/sign-out/`), 204);
      assert.equal(browser.cookies.size, 0);
      assert.equal(await isIn(thief), false);
    } finally {
      await fresh.close();
    }
  });
});

describe('signing in with a password', () => {
  it('accepts the address in any case', async () => {
    const { email } = await personAdd(harness);
    const browser = harness.browser();
    bodyOf(await signIn(browser, email.toUpperCase()));
    assert.equal(await isIn(browser), true);
  });

  it('accepts an address whose capitals JavaScript and PostgreSQL lower differently', async () => {
    const { userId } = await personAdd(harness);
    for (const email of ['ΓΙΩΡΓΟΣ@example.invalid', 'İNCİ@example.invalid']) {
      await harness.db.updateTable('users').set({ email }).where('id', '=', userId).execute();
      bodyOf(await signIn(harness.browser(), email));
    }
  });

  it('is refused with the same bytes for a wrong password, no account, and a disabled one', async () => {
    const [known, disabled] = [await personAdd(harness), await personAdd(harness)];
    await harness.db
      .updateTable('users')
      .set({ disabled_at: harness.clock.now() })
      .where('id', '=', disabled.userId)
      .execute();
    const browser = harness.browser();
    const replies = [
      await signIn(browser, known.email, `${PASSWORD}.`),
      await signIn(browser, 'nobody@example.invalid'),
      await signIn(browser, disabled.email),
    ];
    for (const reply of replies) {
      assertError(reply, 401, 'authentication_failed');
      assert.deepEqual(
        [reply.text, headersOf(reply)],
        [replies[0]?.text, headersOf(replies[0] ?? reply)],
      );
    }
    assert.equal(browser.cookies.size, 0);
  });

  it('does as much work for an address without an account', async () => {
    const { email } = await personAdd(harness);
    const browser = harness.browser();
    const statements = async () =>
      (await harness.deps.metrics.databaseStatements.get()).values[0]?.value ?? 0;
    const cost = async (address: string) => {
      const [before, cpuBefore] = [await statements(), process.cpuUsage().user];
      assertError(await signIn(browser, address, 'wrong'), 401, 'authentication_failed');
      return {
        statements: (await statements()) - before,
        cpu: process.cpuUsage().user - cpuBefore,
      };
    };
    const [known, unknown] = [await cost(email), await cost('no-one@example.invalid')];
    assert.equal(known.statements, unknown.statements);
    // The hash is nearly all of the work. Without it, the duration would be a tenth at most.
    const ratio = known.cpu / unknown.cpu;
    assert.ok(ratio > 0.25 && ratio < 4, `${known.cpu} µs and ${unknown.cpu} µs`);
  });

  it('creates a new secret, never one from the browser, and ends the previous session', async () => {
    const { email, browser } = await personAdd(harness);
    const [[name = '', before = ''] = []] = browser.cookies;
    const fixed = harness.browser();
    fixed.cookies.set(name, before);
    bodyOf(await signIn(fixed, email));
    assert.notEqual(fixed.cookies.get(name), before);
    assert.equal(await isIn(fixed), true);
    assert.equal(await isIn(browser), false, 'the old secret opens nothing');

    const planted = harness.browser();
    planted.cookies.set(name, 'x'.repeat(43));
    bodyOf(await signIn(planted, email));
    const attacker = harness.browser();
    attacker.cookies.set(name, 'x'.repeat(43));
    assert.equal(await isIn(attacker), false);
  });

  it('resets the count of wrong passwords after a right one', async () => {
    const { email } = await personAdd(harness);
    const browser = harness.browser();
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 6; count += 1) {
        assertError(await signIn(browser, email, 'wrong'), 401, 'authentication_failed');
      }
      bodyOf(await signIn(browser, email));
    }
  });
});

describe('after ten wrong passwords', () => {
  it('the account is locked for this address for a while, even with the right password', async () => {
    const { email } = await personAdd(harness);
    const browser = harness.browser();
    const wrong = () => signIn(browser, email, 'wrong');
    const replies = await Promise.all(Array.from({ length: 14 }, wrong));
    const codes = replies.map(({ status }) => status);
    assert.equal(codes.filter((code) => code === 401).length, 10, String(codes));
    const refused = await signIn(browser, email);
    const { retry_after: seconds } = assertError(refused, 429, 'rate_limited');
    assert.equal(seconds, WINDOW_MS / 1000);
    assert.equal(refused.headers['retry-after'], String(seconds));

    harness.clock.advance(WINDOW_MS - 1000);
    assertError(await signIn(browser, email), 429, 'rate_limited');
    harness.clock.advance(1000);
    bodyOf(await signIn(browser, email));
  });

  it('an address without an account behaves the same', async () => {
    const browser = harness.browser();
    const replies: Reply[] = [];
    for (let count = 0; count < 11; count += 1) {
      replies.push(await signIn(browser, 'void@example.invalid'));
    }
    for (const reply of replies.slice(0, 10)) assertError(reply, 401, 'authentication_failed');
    assertError(replies.at(-1) ?? assert.fail(), 429, 'rate_limited');
    harness.clock.advance(WINDOW_MS);
  });
});

describe('a second factor', () => {
  it('is asked for after the password, which alone opens nothing', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    harness.clock.advance(STEP_MS);
    const other = harness.browser();
    assert.deepEqual(bodyOf(await signIn(other, email)), { two_factor_required: true });
    assert.equal(await isIn(other), false);
    assertError(await other.get('/api/v1/containers/'), 401, 'authentication_failed');
    bodyOf(await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() }));
    assert.equal(await isIn(other), true);
    assert.equal(other.cookies.size, 1, 'the waiting is over');
  });

  it('accepts each code once, even in two simultaneous sign-ins', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    const again = harness.browser();
    await signIn(again, email);
    const used = await again.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() });
    assertError(used, 401, 'authentication_failed');

    harness.clock.advance(STEP_MS);
    const browsers = [harness.browser(), harness.browser(), harness.browser()];
    for (const each of browsers) bodyOf(await signIn(each, email));
    const code = app.code();
    const replies = await Promise.all(
      browsers.map((each) => each.post(`${ACCOUNT}/sign-in/two-factor/`, { code })),
    );
    assert.deepEqual(replies.map(({ status }) => status).toSorted(), [200, 401, 401]);
    const late = harness.browser();
    await signIn(late, email);
    const before = await late.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code(-1) });
    assertError(before, 401, 'authentication_failed');
  });

  it('accepts a backup code instead, once, however it is typed', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    const [code = '', another = ''] = app.backupCodes;
    for (const [typed, status] of [
      [code, 200],
      [code, 401],
      [another.toUpperCase().replace('-', ' '), 200],
      ['2222222222', 401],
    ] as const) {
      const other = harness.browser();
      await signIn(other, email);
      const reply = await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: typed });
      assert.equal(reply.status, status, typed);
    }
  });

  it('is tried five times at most, then the password is asked for again', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    harness.clock.advance(STEP_MS);
    const other = harness.browser();
    await signIn(other, email);
    for (let count = 0; count < 5; count += 1) {
      const reply = await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: '000000' });
      assertError(reply, 401, 'authentication_failed');
    }
    const late = await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() });
    assertError(late, 401, 'authentication_failed');
    await signIn(other, email);
    bodyOf(await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() }));
  });

  it('locks the account after ten wrong codes, even with the password, and later unlocks it', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    harness.clock.advance(STEP_MS);
    const other = harness.browser();
    for (let count = 0; count < 10; count += 1) {
      if (count % 5 === 0) await signIn(other, email);
      await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: '000000' });
    }
    await signIn(other, email);
    const locked = await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() });
    assertError(locked, 429, 'rate_limited');
    harness.clock.advance(WINDOW_MS);
    await signIn(other, email);
    bodyOf(await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() }));
  });

  it('is waited for five minutes', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    const other = harness.browser();
    await signIn(other, email);
    harness.clock.advance(300_000);
    const late = await other.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() });
    assertError(late, 401, 'authentication_failed');
  });
});

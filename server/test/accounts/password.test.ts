import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertError, assertFaults } from '../support/http-client.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  isIn,
  linkTo,
  mailsTo,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';
import { userRowDisable } from '../../src/users/store.ts';

const NEW_PASSWORD = 'quite another sentence';
const HOUR_MS = 3_600_000;

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

describe('a forgotten password', () => {
  const ask = (email: string) => harness.browser().post(`${ACCOUNT}/password-reset/`, { email });
  const confirm = (token: string, password = NEW_PASSWORD) =>
    harness.browser().post(`${ACCOUNT}/password-reset/confirm/`, { token, password });

  it('is reset by a link, once, which ends every session and starts none', async () => {
    const { email, browser } = await personAdd(harness);
    const locked = harness.browser();
    for (let count = 0; count < 11; count += 1) await signIn(locked, email, 'wrong');
    assertError(await signIn(locked, email), 429, 'rate_limited');

    bodyOf(await ask(email), 202);
    const token = await linkTo(harness, email, '/reset-password');
    const reply = await confirm(token);
    bodyOf(reply);
    assert.equal(reply.headers['set-cookie'], undefined);
    assert.equal(await isIn(browser), false);
    assertError(await signIn(harness.browser(), email), 401, 'authentication_failed');
    bodyOf(await signIn(locked, email, NEW_PASSWORD));
    assertFaults(await confirm(token, 'a third sentence of mine'), ['token']);
    const subjects = (await mailsTo(harness, email)).map(({ subject }) => subject);
    assert.equal(subjects.length, 2);
    assert.match(subjects[1] ?? '', /was reset/);
  });

  it('counts for an hour', async () => {
    const { email } = await personAdd(harness);
    await ask(email);
    const token = await linkTo(harness, email, '/reset-password');
    harness.clock.advance(HOUR_MS);
    assertFaults(await confirm(token), ['token']);
    bodyOf(await signIn(harness.browser(), email));
  });

  it('leaves the second factor on, and ends sign-ins that wait for its code', async () => {
    const { email, browser } = await personAdd(harness);
    const app = await twoFactorTurnOn(harness, browser);
    harness.clock.advance(30_000);
    const waiting = harness.browser();
    await signIn(waiting, email);
    await ask(email);
    bodyOf(await confirm(await linkTo(harness, email, '/reset-password')));
    const late = await waiting.post(`${ACCOUNT}/sign-in/two-factor/`, { code: app.code() });
    assertError(late, 401, 'authentication_failed');
    const reply = await signIn(waiting, email, NEW_PASSWORD);
    assert.deepEqual(bodyOf(reply), { two_factor_required: true });
  });

  it('must not be easy to guess, and the link then stays valid', async () => {
    const { email } = await personAdd(harness);
    await ask(email);
    const token = await linkTo(harness, email, '/reset-password');
    assertFaults(await confirm(token, 'password1234'), ['password']);
    assertFaults(await confirm(token, `${email}1`), ['password']);
    bodyOf(await confirm(token));
  });

  it('sends no mail if there is no account or a disabled one', async () => {
    const { email, userId } = await personAdd(harness);
    await harness.db
      .updateTable('users')
      .set({ disabled_at: harness.clock.now() })
      .where('id', '=', userId)
      .execute();
    for (const address of [email, 'void@example.invalid']) {
      bodyOf(await ask(address), 202);
      assert.deepEqual(await mailsTo(harness, address), []);
    }
  });

  it('has no link that can be guessed at for long', async () => {
    const guessed = await harnessOpen();
    try {
      const send = () =>
        guessed.browser().post(`${ACCOUNT}/password-reset/confirm/`, {
          token: 'x'.repeat(43),
          password: NEW_PASSWORD,
        });
      for (let count = 0; count < 50; count += 1) assertFaults(await send(), ['token']);
      assertError(await send(), 429, 'rate_limited');
    } finally {
      await guessed.close();
    }
  });
});

describe('changing the password', () => {
  it('requires the present one, ends the other sessions, and renews this one', async () => {
    const { email, browser, userId } = await personAdd(harness);
    const other = await harness.sessionAdd(userId);
    const before = harness.browser();
    for (const [name, value] of browser.cookies) before.cookies.set(name, value);
    const body = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    bodyOf(await browser.post(`${ACCOUNT}/password/`, body));
    assert.equal(await isIn(browser), true);
    assert.equal(await isIn(other), false);
    assert.equal(await isIn(before), false, 'the secret before opens nothing');
    assertError(await signIn(harness.browser(), email), 401, 'authentication_failed');
    bodyOf(await signIn(harness.browser(), email, NEW_PASSWORD));
  });

  it('is refused to the same password, and ends no session', async () => {
    const { browser, userId } = await personAdd(harness);
    const other = await harness.sessionAdd(userId);
    const body = { current_password: PASSWORD, new_password: PASSWORD };
    assertFaults(await browser.post(`${ACCOUNT}/password/`, body), ['new_password']);
    assert.equal(await isIn(other), true);
  });

  it('is refused with a wrong one, ten times, and then altogether for a while', async () => {
    const { browser, email } = await personAdd(harness);
    const send = (current: string) =>
      browser.post(`${ACCOUNT}/password/`, {
        current_password: current,
        new_password: NEW_PASSWORD,
      });
    for (let count = 0; count < 10; count += 1) {
      assertFaults(await send('wrong'), ['current_password']);
    }
    assertError(await send(PASSWORD), 429, 'rate_limited');
    harness.clock.advance(900_000);
    assertFaults(
      await browser.post(`${ACCOUNT}/password/`, {
        current_password: PASSWORD,
        new_password: 'password1234',
      }),
      ['new_password'],
    );
    bodyOf(await send(PASSWORD));
    bodyOf(await signIn(harness.browser(), email, NEW_PASSWORD));
  });
});

describe('changing the address', () => {
  const ask = (browser: ReturnType<Harness['browser']>, email: string, password = PASSWORD) =>
    browser.post(`${ACCOUNT}/email/`, { email, password });
  const confirm = (token: string) => harness.browser().post(`${ACCOUNT}/email/confirm/`, { token });

  it('requires the password and a link in the new mailbox, and notifies the old one', async () => {
    const { email, browser } = await personAdd(harness);
    const next = `next-${email}`;
    assertFaults(await ask(browser, next, 'wrong'), ['password']);
    bodyOf(await ask(browser, next), 202);
    assert.match((await mailsTo(harness, email)).at(-1)?.subject ?? '', /about to change/);
    bodyOf(await signIn(harness.browser(), email));
    const token = await linkTo(harness, next, '/confirm-email');
    bodyOf(await confirm(token));
    assert.equal(bodyOf(await browser.get(`${ACCOUNT}/`))['email'], next);
    assertError(await signIn(harness.browser(), email), 401, 'authentication_failed');
    bodyOf(await signIn(harness.browser(), next));
    assertFaults(await confirm(token), ['token']);
  });

  it('answers the same for an address that has an account, whose owner is notified', async () => {
    const [one, two] = [await personAdd(harness), await personAdd(harness)];
    const replies = [
      await ask(one.browser, two.email),
      await ask(one.browser, 'x@example.invalid'),
    ];
    assert.equal(replies[0]?.text, replies[1]?.text);
    assert.equal(replies[0]?.status, 202);
    const [mail] = await mailsTo(harness, two.email);
    assert.match(mail?.subject ?? '', /has an account already/);
    assert.doesNotMatch(mail?.text ?? '', /token=/);
  });

  it('is refused when someone else has taken the address meanwhile', async () => {
    const { browser, email } = await personAdd(harness);
    const next = `taken-${email}`;
    await ask(browser, next);
    const token = await linkTo(harness, next, '/confirm-email');
    const other = await personAdd(harness);
    await ask(other.browser, next);
    bodyOf(await confirm(await linkTo(harness, next, '/confirm-email')));
    assertError(await confirm(token), 409, 'conflict');
  });

  it('is refused if the address is already the present one', async () => {
    const { browser, email } = await personAdd(harness);
    assertFaults(await ask(browser, email.toUpperCase()), ['email']);
  });

  it('ends links to the old mailbox', async () => {
    const { browser, email } = await personAdd(harness);
    await harness.browser().post(`${ACCOUNT}/password-reset/`, { email });
    const reset = await linkTo(harness, email, '/reset-password');
    await ask(browser, `later-${email}`);
    bodyOf(await confirm(await linkTo(harness, `later-${email}`, '/confirm-email')));
    const reply = await harness
      .browser()
      .post(`${ACCOUNT}/password-reset/confirm/`, { token: reset, password: NEW_PASSWORD });
    assertFaults(reply, ['token']);
  });
});

it('links of an account that has been disabled since change nothing, and say so', async () => {
  const { browser, email, userId } = await personAdd(harness);
  const wanted = 'elsewhere@example.invalid';
  bodyOf(await browser.post(`${ACCOUNT}/email/`, { email: wanted, password: PASSWORD }), 202);
  bodyOf(await browser.post(`${ACCOUNT}/password-reset/`, { email }), 202);
  const links = {
    '/email/confirm/': { token: await linkTo(harness, wanted, '/confirm-email') },
    '/password-reset/confirm/': {
      token: await linkTo(harness, email, '/reset-password'),
      password: NEW_PASSWORD,
    },
  };
  await userRowDisable(harness.db, userId, harness.clock.now());
  for (const [path, body] of Object.entries(links)) {
    assertFaults(await harness.browser().post(`${ACCOUNT}${path}`, body), ['token']);
  }
  const audit = await harness.db
    .selectFrom('audit_log')
    .select('action')
    .where('user_id', '=', userId)
    .execute();
  assert.deepEqual(audit, []);
});

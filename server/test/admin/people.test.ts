import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mailPrepare } from '../../src/accounts/mail-prepare.ts';
import { mailsWork } from '../../src/mail/mailer.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import {
  ACCOUNT,
  PASSWORD,
  bodyOf,
  isIn,
  personAdd,
  signIn,
  twoFactorTurnOn,
} from '../support/people.ts';
import { adminOn } from '../../src/admin/test-setup.ts';

let harness: Harness;
let admin: ReturnType<typeof adminOn>;
before(async () => {
  harness = await harnessOpen({ ISOLATION: 'weak' });
  // The commands use the real time.
  harness.clock.advance(Date.now() - harness.clock.now().getTime() + 60_000);
  admin = adminOn(harness.databaseUrl, { PUBLIC_URL: harness.deps.config.publicUrl });
});
after(() => harness.close());

interface ListedMail {
  to: string;
  state: string;
  subject: string | null;
  text: string | null;
}

async function doneJson<T>(...args: string[]): Promise<T> {
  const reply = await admin([...args, '--json']);
  assert.equal(reply.code, 0, reply.err);
  return JSON.parse(reply.out) as T;
}

test('an invitation is printed and mailed, and opens a sign-up with that address', async () => {
  const email = 'guest@example.org';
  const { link } = await doneJson<{ link: string }>('user-invite', '--email', email);
  const [waiting] = await doneJson<ListedMail[]>('mail-list', '--to', email.toUpperCase());
  assert.deepEqual([waiting?.state, waiting?.text], ['waiting', null]);
  await mailsWork(harness.deps, null, mailPrepare);
  const [mail] = await doneJson<ListedMail[]>('mail-list', '--to', email);
  assert.equal(mail?.state, 'kept here');
  assert.ok(mail.text?.includes(link), mail.text ?? '');
  const shown = await admin(['mail-list', '--to', email]);
  assert.ok(shown.out.includes(link));

  const [, invite] = /^https:\/\/panel\.example\/sign-up\?invite=(\w+)$/.exec(link) ?? [];
  const body = { email, password: PASSWORD, name: 'Guest', org_name: 'Guests', invite };
  bodyOf(await harness.browser().post(`${ACCOUNT}/sign-up/`, body), 202);
});

test('an invitation of nobody, or of an existing user, is refused', async () => {
  const { email } = await personAdd(harness);
  for (const [address, sentence] of [
    ['nobody', /is not an e-mail address/],
    [email.toUpperCase(), /There is an account/],
  ] as const) {
    const reply = await admin(['user-invite', '--email', address]);
    assert.equal(reply.code, 1);
    assert.match(reply.err, sentence);
  }
});

test('a user who lost the second factor can sign in with the password, and all sessions end', async () => {
  const { email, browser } = await personAdd(harness);
  await twoFactorTurnOn(harness, browser);
  assert.deepEqual(bodyOf(await signIn(harness.browser(), email)), { two_factor_required: true });
  const done = await doneJson<{ sessions_ended: number }>('user-two-factor-reset', '--user', email);
  assert.equal(done.sessions_ended, 1);
  assert.equal(await isIn(browser), false);
  const again = harness.browser();
  assert.deepEqual(bodyOf(await signIn(again, email)), { two_factor_required: false });
  await mailsWork(harness.deps, null, mailPrepare);
  const mails = await doneJson<ListedMail[]>('mail-list', '--to', email);
  assert.match(mails.at(-1)?.subject ?? '', /Two-factor is off/);
  const twice = await admin(['user-two-factor-reset', '--user', email]);
  assert.match(twice.err, /has no second factor/);
});

test('a disabled user is signed out of all sessions', async () => {
  const { email, browser } = await personAdd(harness);
  await doneJson('user-disable', '--user', email);
  assert.equal(await isIn(browser), false);
});

test('with another key nothing is sealed or opened', async () => {
  const other = adminOn(harness.databaseUrl, { SECRET_KEY: 'another key that was never this one' });
  for (const args of [['mail-list'], ['user-invite', '--email', 'a@example.org']]) {
    const reply = await other(args);
    assert.equal(reply.code, 1);
    assert.match(reply.err, /secret key is not the one/);
  }
});

test('an account that the operator created signs in', async () => {
  const email = 'made@example.org';
  await doneJson('user-create', '--email', email, '--password', PASSWORD);
  const browser = harness.browser();
  bodyOf(await signIn(browser, email));
  assert.equal(await isIn(browser), true);
});

import assert from 'node:assert/strict';
import { totpCode, totpStep } from '../../src/accounts/totp.ts';
import { mailPrepare } from '../../src/accounts/mail-prepare.ts';
import { mailsWork } from '../../src/mail/mailer.ts';
import { type MailContent, mailList } from '../../src/mail/outbox.ts';
import { passwordHash } from '../../src/users/password.ts';
import type { Browser } from './browser.ts';
import type { Harness, TestOrg } from './harness.ts';
import type { Reply } from './http-client.ts';

export const ACCOUNT = '/api/account';
export const PASSWORD = 'a long sentence of mine';

/** Hashing is slow, so it is done once. */
let knownHash: Promise<string> | null = null;

/** A person with a password, in an org of their own, who has just signed in. */
export interface Person {
  userId: number;
  email: string;
  org: TestOrg;
  browser: Browser;
}

export async function personAdd(
  harness: Harness,
  options: { app?: Browser } = {},
): Promise<Person> {
  const org = await harness.orgAdd();
  knownHash ??= passwordHash(PASSWORD);
  const { email } = await harness.db
    .updateTable('users')
    .set({ password_hash: await knownHash, name: 'Ada' })
    .where('id', '=', org.ownerId)
    .returning('email')
    .executeTakeFirstOrThrow();
  const browser = options.app ?? (await harness.sessionAdd(org.ownerId));
  return { userId: org.ownerId, email, org, browser };
}

export function signIn(browser: Browser, email: string, password = PASSWORD): Promise<Reply> {
  return browser.post(`${ACCOUNT}/sign-in/`, { email, password });
}

/** The JSON of a reply that must have this status. */
export function bodyOf<T = Record<string, unknown>>(reply: Reply, status = 200): T {
  assert.equal(reply.status, status, reply.text);
  return (reply.text === '' ? {} : JSON.parse(reply.text)) as T;
}

/** The headers of a reply that do not differ from one request to the next. */
export function headersOf(reply: Reply): Reply['headers'] {
  const { date: _date, 'x-request-id': _id, ratelimit: _limit, ...headers } = reply.headers;
  return headers;
}

/** Whether a browser is signed in. */
export async function isIn(browser: Browser): Promise<boolean> {
  const { status } = await browser.get(`${ACCOUNT}/`);
  assert.ok(status === 200 || status === 401, String(status));
  return status === 200;
}

/** A person who has an authenticator app. */
export interface Authenticator {
  secret: Buffer;
  backupCodes: string[];
  /** The code of this many steps from now. */
  code(stepsOn?: number): string;
}

/** Turns two-factor on, which uses up the present code. */
export async function twoFactorTurnOn(harness: Harness, browser: Browser): Promise<Authenticator> {
  const begun = await browser.post(`${ACCOUNT}/two-factor/`, { password: PASSWORD });
  const secret = base32Decode(bodyOf<{ secret: string }>(begun).secret);
  const code = (stepsOn = 0) => totpCode(secret, totpStep(harness.clock.now()) + stepsOn);
  const confirmed = await browser.post(`${ACCOUNT}/two-factor/confirm/`, { code: code() });
  const { backup_codes: backupCodes } = bodyOf<{ backup_codes: string[] }>(confirmed);
  return { secret, backupCodes, code };
}

function base32Decode(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}

/** The mails to an address so far, oldest first, once all requested mail has been created. */
export async function mailsTo(harness: Harness, email: string): Promise<MailContent[]> {
  await mailsWork(harness.deps, null, mailPrepare);
  const rows = await mailList(harness.db, harness.deps.secrets, email);
  return rows.map(({ content }) => content ?? assert.fail('a mail without content'));
}

/** The secret of the link in the last mail to an address. */
export async function linkTo(harness: Harness, email: string, path: string): Promise<string> {
  const text = (await mailsTo(harness, email)).at(-1)?.text ?? assert.fail(`no mail to ${email}`);
  const [, secret] = new RegExp(`${path}\\?(?:token|invite)=([0-9A-Za-z]+)`).exec(text) ?? [];
  return secret ?? assert.fail(text);
}

import assert from 'node:assert/strict';
import { totpCode, totpStep } from '../accounts/totp.ts';
import { mailsWork } from '../mail/mailer.ts';
import { type MailContent, mailList } from '../mail/outbox.ts';
import { passwordHash } from '../users/password.ts';
import type { Browser } from './browser.ts';
import type { Harness, TestOrg } from './harness.ts';
import type { Reply } from './http-client.ts';

export const ACCOUNT = '/api/account';
export const PASSWORD = 'a long sentence of mine';

/** Hashing takes its time: once is enough. */
let knownHash: Promise<string> | null = null;

/** Someone with a password, in an org of their own, who has just signed in. */
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

/** Who has an authenticator app. */
export interface Authenticator {
  secret: Buffer;
  backupCodes: string[];
  /** The code of so many steps from now. */
  code(stepsOn?: number): string;
}

/** Turns two-factor on. The code that is due now is used up by that. */
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

/** The mails to an address so far, oldest first, after what was asked for has been made. */
export async function mailsTo(harness: Harness, email: string): Promise<MailContent[]> {
  await mailsWork(harness.deps, null);
  const rows = await mailList(harness.db, harness.deps.secrets, email);
  return rows.map(({ content }) => content ?? assert.fail('a mail without content'));
}

/** The secret of the link in the last mail to an address. */
export async function linkTo(harness: Harness, email: string, path: string): Promise<string> {
  const text = (await mailsTo(harness, email)).at(-1)?.text ?? assert.fail(`no mail to ${email}`);
  const [, secret] = new RegExp(`${path}\\?(?:token|invite)=([0-9A-Za-z]+)`).exec(text) ?? [];
  return secret ?? assert.fail(text);
}

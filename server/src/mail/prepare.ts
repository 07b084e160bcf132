import type { ApiDeps } from '../deps.ts';
import { oneTimeCreate } from '../accounts/one-time.ts';
import { signUpOfBrowser } from '../accounts/pending-sign-up.ts';
import { browserSecretHash } from '../accounts/session-cookie.ts';
import type { Db } from '../db/database.ts';
import { mailContentMake } from './content.ts';
import type { DueMail, MailContent } from './outbox.ts';
import { emailIs } from '../users/email.ts';

type Deps = Pick<ApiDeps, 'config' | 'clock' | 'secrets'>;

/** A mail as it is to be sent. */
interface PreparedMail extends MailContent {
  email: string;
}

/**
 * Finds out what a mail is to say, to whom, and makes the secret of its link count. Can be repeated.
 * @returns null when there is nobody to say anything to.
 */
export async function mailPrepare(db: Db, deps: Deps, mail: DueMail): Promise<PreparedMail | null> {
  const texts = mailContentMake(deps.config.publicUrl);
  const { email: typed, request } = mail;
  // A link goes to the address that is kept, not to the one that was typed: other letters can count as the same when
  // case is left aside (the Kelvin sign is a k), and be another mailbox.
  switch (request.kind) {
    case 'sign_up': {
      const isKnown = await isTaken(db, typed);
      if (isKnown) await signUpForget(db, request.secret);
      return { email: typed, ...(isKnown ? texts.signUpKnown() : texts.signUp(request.secret)) };
    }
    case 'sign_up_again': {
      const email = await signUpRenew(db, deps, typed, request);
      return email === null ? null : { email, ...texts.signUp(request.secret) };
    }
    case 'password_reset': {
      const user = await userOf(db, typed);
      if (user === null) return null;
      await resetMake(db, deps, user.id, request.secret);
      return { email: user.email, ...texts.passwordReset(request.secret) };
    }
    case 'email_change': {
      const isKnown = await isTaken(db, typed);
      const content = isKnown ? texts.emailChangeKnown() : texts.emailChange(request.secret);
      return { email: typed, ...content };
    }
    case 'invite':
      return { email: typed, ...texts.invite(request.secret) };
    case 'notice':
      return { email: typed, ...texts.notice(request.notice) };
  }
}

/** The account with an address, unless it is disabled. */
async function userOf(db: Db, email: string): Promise<{ id: number; email: string } | null> {
  const row = await db
    .selectFrom('users')
    .select(['id', 'email'])
    .where(emailIs(email))
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether an address has an account, be it a disabled one. */
async function isTaken(db: Db, email: string): Promise<boolean> {
  const row = await db.selectFrom('users').select('id').where(emailIs(email)).executeTakeFirst();
  return row !== undefined;
}

async function signUpForget(db: Db, secret: string): Promise<void> {
  await db
    .deleteFrom('one_time_tokens')
    .where('token_hash', '=', browserSecretHash(secret))
    .execute();
}

/**
 * Gives a sign-up another link, in place of the one before: the last one of the browser that asks, else of anyone.
 * @returns its address.
 */
async function signUpRenew(
  db: Db,
  deps: Deps,
  typed: string,
  { secret, browserHash }: { secret: string; browserHash: string | null },
): Promise<string | null> {
  if (await isTaken(db, typed)) return null;
  const now = deps.clock.now();
  const own =
    browserHash === null ? null : await signUpOfBrowser(db, deps.secrets, typed, browserHash, now);
  const last = db
    .selectFrom('one_time_tokens')
    .select('id')
    .where('purpose', '=', 'sign_up')
    .where(emailIs(typed))
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .limit(1);
  const row = await db
    .updateTable('one_time_tokens')
    .set({ token_hash: browserSecretHash(secret) })
    .where('id', '=', own ?? last)
    .returning('email')
    .executeTakeFirst();
  return row?.email ?? null;
}

async function resetMake(db: Db, deps: Deps, userId: number, secret: string): Promise<void> {
  const hash = browserSecretHash(secret);
  const there = await db
    .selectFrom('one_time_tokens')
    .select('id')
    .where('token_hash', '=', hash)
    .executeTakeFirst();
  if (there !== undefined) return;
  const given = { purpose: 'password_reset', userId, secret: { hash } } as const;
  await oneTimeCreate(db, deps.secrets, { ...given, now: deps.clock.now() });
}

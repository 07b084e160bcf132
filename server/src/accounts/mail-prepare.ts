import type { ApiDeps } from '../http/deps.ts';
import { oneTimeCreate } from './one-time.ts';
import { signUpOfBrowser } from './pending-sign-up.ts';
import { browserSecretHash } from '../sessions/session-cookie.ts';
import type { Db } from '../db/database.ts';
import { mailContentCreate } from './mail-content.ts';
import type { PreparedMail } from '../mail/mailer.ts';
import type { DueMail } from '../mail/outbox.ts';
import { emailIs } from '../users/email.ts';

type Deps = Pick<ApiDeps, 'config' | 'clock' | 'secrets'>;

/**
 * Determines the content and recipient of a mail, and activates the secret of its link. Can be repeated.
 * @returns null if there is nothing to send.
 */
export async function mailPrepare(db: Db, deps: Deps, mail: DueMail): Promise<PreparedMail | null> {
  const texts = mailContentCreate(deps.config.publicUrl);
  const { email: typed, request } = mail;
  // A link is sent to the stored address, not to the typed one: letters that are equal when case is ignored (the Kelvin
  // sign is a k) can belong to another mailbox.
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
      // Whoever reads the mail need not be the one who made an account with an address that was never proved.
      if (user === null || (deps.config.smtpUrl !== null && !user.email_verified)) return null;
      await resetCreate(db, deps, user.id, request.secret);
      return { email: user.email, ...texts.passwordReset(request.secret) };
    }
    case 'email_change': {
      const isKnown = await isTaken(db, typed);
      const content = isKnown ? texts.emailChangeKnown() : texts.emailChange(request.secret);
      return { email: typed, ...content };
    }
    case 'invite':
      return { email: typed, ...texts.invite(request.secret) };
    case 'invitation': {
      const isOpen = await linkIsMailed(db, request.secret);
      return isOpen ? { email: typed, ...texts.invitation(request.secret, request.org) } : null;
    }
    case 'notice':
      return { email: typed, ...texts.notice(request.notice) };
  }
}

/** The account with an address, unless it is disabled. */
async function userOf(
  db: Db,
  email: string,
): Promise<{ id: number; email: string; email_verified: boolean } | null> {
  const row = await db
    .selectFrom('users')
    .select(['id', 'email', 'email_verified'])
    .where(emailIs(email))
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

/** Whether an invitation still has this link. */
async function linkIsMailed(db: Db, secret: string): Promise<boolean> {
  const row = await db
    .selectFrom('invitations')
    .select('id')
    .where('mail_hash', '=', browserSecretHash(secret))
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whether an address has an account that has proved it, even a disabled one. Another one loses it to who proves it. */
async function isTaken(db: Db, email: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where(emailIs(email))
    .where('email_verified', '=', true)
    .executeTakeFirst();
  return row !== undefined;
}

async function signUpForget(db: Db, secret: string): Promise<void> {
  await db
    .deleteFrom('one_time_tokens')
    .where('token_hash', '=', browserSecretHash(secret))
    .execute();
}

/**
 * Replaces the link of a sign-up: the last one of the requesting browser, otherwise the last one of anyone.
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

async function resetCreate(db: Db, deps: Deps, userId: number, secret: string): Promise<void> {
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

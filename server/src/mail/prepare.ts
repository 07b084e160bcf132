import type { ApiDeps } from '../deps.ts';
import { oneTimeCreate } from '../accounts/one-time.ts';
import { browserSecretHash } from '../accounts/session-cookie.ts';
import type { Db } from '../db/database.ts';
import { mailContentMake } from './content.ts';
import type { DueMail, MailContent } from './outbox.ts';

type Deps = Pick<ApiDeps, 'config' | 'clock' | 'secrets'>;

/**
 * Finds out what a mail is to say, and makes the secret of its link count. Can be repeated.
 * @returns null when there is nobody to say anything to.
 */
export async function mailPrepare(db: Db, deps: Deps, mail: DueMail): Promise<MailContent | null> {
  const texts = mailContentMake(deps.config.publicUrl);
  const { email, request } = mail;
  switch (request.kind) {
    case 'sign_up': {
      const isKnown = await isTaken(db, email);
      if (isKnown) await signUpForget(db, request.secret);
      return isKnown ? texts.signUpKnown() : texts.signUp(request.secret);
    }
    case 'sign_up_again': {
      const isThere = await signUpRenew(db, deps, email, request.secret);
      return isThere ? texts.signUp(request.secret) : null;
    }
    case 'password_reset': {
      const userId = await userIdOf(db, email);
      if (userId === null) return null;
      await resetMake(db, deps, userId, request.secret);
      return texts.passwordReset(request.secret);
    }
    case 'email_change': {
      const isKnown = await isTaken(db, email);
      return isKnown ? texts.emailChangeKnown() : texts.emailChange(request.secret);
    }
    case 'invite':
      return texts.invite(request.secret);
    case 'notice':
      return texts.notice(request.notice);
  }
}

/** The account with an address, unless it is disabled. */
async function userIdOf(db: Db, email: string): Promise<number | null> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where((eb) => eb(eb.fn<string>('lower', ['email']), '=', email.toLowerCase()))
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Whether an address has an account, be it a disabled one. */
async function isTaken(db: Db, email: string): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .select('id')
    .where((eb) => eb(eb.fn<string>('lower', ['email']), '=', email.toLowerCase()))
    .executeTakeFirst();
  return row !== undefined;
}

async function signUpForget(db: Db, secret: string): Promise<void> {
  await db
    .deleteFrom('one_time_tokens')
    .where('token_hash', '=', browserSecretHash(secret))
    .execute();
}

/** Gives the last sign-up of an address another link, in place of the one before. */
async function signUpRenew(db: Db, deps: Deps, email: string, secret: string): Promise<boolean> {
  if (await isTaken(db, email)) return false;
  const result = await db
    .updateTable('one_time_tokens')
    .set({ token_hash: browserSecretHash(secret) })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('one_time_tokens')
        .select('id')
        .where('purpose', '=', 'sign_up')
        .where((inner) => inner(inner.fn<string>('lower', ['email']), '=', email.toLowerCase()))
        .where('expires_at', '>', deps.clock.now())
        .orderBy('id', 'desc')
        .limit(1),
    )
    .executeTakeFirstOrThrow();
  return result.numUpdatedRows > 0n;
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

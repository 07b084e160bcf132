import type { Config } from '../../base/config.ts';
import { DomainError } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Db, Trx } from '../../db/database.ts';
import { type BrowserSecret, browserSecretCreate } from '../../sessions/session-cookie.ts';
import { emailIs } from '../../users/email.ts';
import { passwordVerify } from '../../users/password.ts';
import { accountAudit } from '../account-write.ts';
import { type OneTime, oneTimeCreate, oneTimeDelete, oneTimeHold } from '../one-time.ts';
import type { PasskeyCredentialJson } from '../passkey-ceremony.ts';
import { type SessionSecret, type Visitor, sessionBegin } from '../session-begin.ts';
import { codeTake } from '../two-factor-store.ts';
import { passkeyProve } from './passkeys.ts';

/** How many codes may be tried before the password is needed again. */
const CODES_PER_SIGN_IN = 5;

interface Person {
  id: number;
  passwordHash: string | null;
  isDisabled: boolean;
}

/** A session has begun, or a code has to follow. */
export type SignedIn = { session: SessionSecret } | { waiting: BrowserSecret };

/**
 * Verifies the password of an account. The work is the same for a wrong password, an unknown address and a disabled
 * account. Takes time, so it happens before a transaction.
 * @throws DomainError for any of these.
 */
export async function signInProve(
  db: Db,
  { email, password }: { email: string; password: string },
): Promise<Person> {
  const person = await personByEmail(db, email);
  const isRight = await passwordVerify(password, person?.passwordHash ?? null);
  if (person === null || !isRight || person.isDisabled) throw signInRefused();
  return person;
}

/**
 * Signs in with a password that `signInProve` verified; with two-factor authentication on, a code must follow.
 * @throws DomainError if the password was changed, or the account disabled, meanwhile.
 */
export async function signIn(
  trx: Trx,
  { requestId }: { requestId: string },
  { person, visitor }: { person: Person; visitor: Visitor },
  deps: ChangeDeps,
): Promise<SignedIn> {
  const now = await personLock(trx, person.id);
  if (now.passwordHash !== person.passwordHash || now.isDisabled) throw signInRefused();
  if (now.hasTwoFactor) {
    const secret = browserSecretCreate(deps.random);
    const given = { purpose: 'two_factor', userId: person.id, secret } as const;
    await oneTimeCreate(trx, deps.secrets, { ...given, now: deps.clock.now() });
    return { waiting: secret };
  }
  const session = await sessionBegin(trx, person.id, visitor, deps);
  await signInAudit(trx, { userId: person.id, requestId }, 'password', deps);
  return { session };
}

/** The sign-in that waits for a code. @throws DomainError if there is none. */
export async function signInWaiting(
  db: Db,
  secret: string,
  { secrets, clock }: Pick<ChangeDeps, 'secrets' | 'clock'>,
): Promise<OneTime & { userId: number }> {
  const held = await oneTimeHold(db, secrets, 'two_factor', secret, clock.now());
  if (held === null || held.userId === null) throw signInOver();
  return { ...held, userId: held.userId };
}

/**
 * Completes a sign-in with a code of the second factor.
 * @returns null if the code is wrong. Returned instead of thrown: throwing would roll the count back.
 */
export async function signInTwoFactor(
  trx: Trx,
  { requestId }: { requestId: string },
  { secret, code, visitor }: { secret: string; code: string; visitor: Visitor },
  deps: ChangeDeps,
): Promise<SessionSecret | null> {
  const held = await signInWaiting(trx, secret, deps);
  if (held.attempts >= CODES_PER_SIGN_IN) throw signInOver();
  const { userId } = held;
  const person = await personLock(trx, userId);
  if (person.isDisabled) throw signInOver();
  if (!(await codeTake(trx, deps, userId, code))) {
    const counted = trx.updateTable('one_time_tokens').set({ attempts: held.attempts + 1 });
    await counted.where('id', '=', held.id).execute();
    return null;
  }
  await oneTimeDelete(trx, held.id);
  await signInAudit(trx, { userId, requestId }, 'two_factor', deps);
  return sessionBegin(trx, userId, visitor, deps);
}

/**
 * Signs someone in with a passkey.
 * @returns null if it opens no account. Returned instead of thrown, so that the challenge stays used.
 */
export async function signInPasskey(
  trx: Trx,
  { requestId }: { requestId: string },
  { credential, visitor }: { credential: PasskeyCredentialJson; visitor: Visitor },
  deps: ChangeDeps & { config: Config },
): Promise<SessionSecret | null> {
  const userId = await passkeyProve(trx, credential, { purpose: 'passkey_sign_in' }, deps);
  if (userId === null) return null;
  const person = await personLock(trx, userId);
  if (person.isDisabled) return null;
  await signInAudit(trx, { userId, requestId }, 'passkey', deps);
  return sessionBegin(trx, userId, visitor, deps);
}

/** Records a sign-in and its method. */
export async function signInAudit(
  trx: Trx,
  who: { userId: number; requestId: string },
  by: 'password' | 'two_factor' | 'passkey' | 'sign_up',
  deps: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  await accountAudit(trx, deps, who, 'user.sign_in', { detail: { by } });
}

async function personByEmail(db: Db, email: string): Promise<Person | null> {
  const row = await db
    .selectFrom('users')
    .select(['id', 'password_hash', 'disabled_at'])
    .where(emailIs(email))
    .executeTakeFirst();
  if (row === undefined) return null;
  return { id: row.id, passwordHash: row.password_hash, isDisabled: row.disabled_at !== null };
}

/** The user's current row, locked against changes of password and address and against being disabled. */
async function personLock(
  db: Db,
  userId: number,
): Promise<{ passwordHash: string | null; isDisabled: boolean; hasTwoFactor: boolean }> {
  const row = await db
    .selectFrom('users')
    .select(['password_hash', 'disabled_at'])
    .where('id', '=', userId)
    .forShare()
    .executeTakeFirst();
  if (row === undefined) return { passwordHash: null, isDisabled: true, hasTwoFactor: false };
  const factor = await db
    .selectFrom('two_factors')
    .select('user_id')
    .where('user_id', '=', userId)
    .where('confirmed_at', 'is not', null)
    .executeTakeFirst();
  return {
    passwordHash: row.password_hash,
    isDisabled: row.disabled_at !== null,
    hasTwoFactor: factor !== undefined,
  };
}

function signInRefused(): DomainError {
  return new DomainError(
    'not_authenticated',
    'The address or the password is not right. If you have just signed up, open the link in our mail first.',
  );
}

function signInOver(): DomainError {
  return new DomainError('not_authenticated', 'Sign in with your password first.');
}

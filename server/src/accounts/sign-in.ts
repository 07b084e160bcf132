import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import { passwordVerify } from '../users/password.ts';
import type { AccountCall } from './account-route.ts';
import { accountAudit } from './account-write.ts';
import { attemptCount, attemptForgive, signInLimits, codeLimits } from './attempts.ts';
import { ONE_TIME_MS, oneTimeCreate, oneTimeDelete, oneTimeHold } from './one-time.ts';
import { sessionBegin } from './session-begin.ts';
import { personAttemptCount, personAttemptForgive } from './person-attempts.ts';
import { browserSecretMake, cookieClear, cookieSecretRead, cookieSet } from './session-cookie.ts';
import { codeTake } from './two-factor-store.ts';
import { emailIs } from '../users/email.ts';

/** How many codes may be tried before the password is asked for again. */
const CODES_PER_SIGN_IN = 5;

interface Person {
  id: number;
  passwordHash: string | null;
  isDisabled: boolean;
}

/**
 * Signs someone in who knows the password; who has a second factor waits for its code. Says the same, after the same
 * work, for a wrong password, an unknown address and a disabled account.
 */
export async function signInByPassword(
  call: AccountCall<{ email: string; password: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { email, password } = call.body;
  const limits = signInLimits(email, call.request);
  await personAttemptCount(deps, { email, request: call.request }, limits);
  const person = await personByEmail(deps.db, email);
  const isRight = await passwordVerify(password, person?.passwordHash ?? null);
  if (person === null || !isRight || person.isDisabled) throw signInRefused();
  const answer = await deps.db.transaction().execute(async (trx) => {
    const now = await personLock(trx, person.id);
    // Changed, or disabled, while the password was looked at.
    if (now.passwordHash !== person.passwordHash || now.isDisabled) throw signInRefused();
    if (now.hasTwoFactor) {
      const secret = browserSecretMake(deps.random);
      const given = { purpose: 'two_factor', userId: person.id, secret } as const;
      await oneTimeCreate(trx, deps.secrets, { ...given, now: deps.clock.now() });
      const cookie = cookieSet(deps.config, 'sign_in', secret.value, ONE_TIME_MS.two_factor / 1000);
      return signInAnswer(true, [cookie]);
    }
    const cookie = await sessionBegin(trx, deps, call, person.id);
    await signInAudit(trx, deps, call, person.id, 'password');
    return signInAnswer(false, [cookie]);
  });
  await personAttemptForgive(deps, limits);
  return answer;
}

/** Signs someone in who has given the password, by a code of the second factor. */
export async function signInByCode(
  call: AccountCall<{ code: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { config, db, secrets, clock } = deps;
  const secret = cookieSecretRead(config, 'sign_in', call.request.headers.cookie) ?? '';
  const waiting = await oneTimeHold(db, secrets, 'two_factor', secret, clock.now());
  const userId = waiting?.userId;
  if (userId === undefined || userId === null) throw signInOver();
  const limits = codeLimits(userId);
  await attemptCount(db, limits, clock.now());
  const cookie = await db.transaction().execute(async (trx) => {
    const held = await oneTimeHold(trx, secrets, 'two_factor', secret, clock.now());
    if (held === null || held.attempts >= CODES_PER_SIGN_IN) throw signInOver();
    const person = await personLock(trx, userId);
    if (person.isDisabled) throw signInOver();
    if (!(await codeTake(trx, deps, userId, call.body.code))) {
      // Kept: a refusal that is thrown would take it back.
      const counted = trx.updateTable('one_time_tokens').set({ attempts: held.attempts + 1 });
      await counted.where('id', '=', held.id).execute();
      return null;
    }
    await oneTimeDelete(trx, held.id);
    await signInAudit(trx, deps, call, userId, 'two_factor');
    return sessionBegin(trx, deps, call, userId);
  });
  if (cookie === null) {
    throw new ApiError('authentication_failed', 'This code is not right, or was used before.', {
      headers: { 'www-authenticate': 'Session' },
    });
  }
  await attemptForgive(db, limits);
  return {
    status: 200,
    body: {},
    headers: { 'set-cookie': [cookie, cookieClear(config, 'sign_in')] },
  };
}

/** Records that someone signed in, and by what. */
export async function signInAudit(
  trx: Parameters<typeof accountAudit>[0],
  deps: ApiDeps,
  call: AccountCall,
  userId: number,
  by: 'password' | 'two_factor' | 'passkey' | 'sign_up',
): Promise<void> {
  const who = { userId, requestId: call.requestId };
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

/** The user as of now, held against changes of password and address, and against being disabled. */
export async function personLock(
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

function signInAnswer(isWaiting: boolean, cookies: string[]): Answer {
  const body = { two_factor_required: isWaiting };
  return { status: 200, body, headers: { 'set-cookie': cookies } };
}

function signInRefused(): ApiError {
  return new ApiError(
    'authentication_failed',
    'The address or the password is not right. If you have just signed up, open the link in our mail first.',
    { headers: { 'www-authenticate': 'Session' } },
  );
}

function signInOver(): ApiError {
  return new ApiError('authentication_failed', 'Sign in with your password first.', {
    headers: { 'www-authenticate': 'Session' },
  });
}

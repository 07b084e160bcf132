import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { validationError } from '../errors.ts';
import { passwordVerify } from '../users/password.ts';
import { passwordFault } from '../users/password-rules.ts';
import type { SessionCall } from './account-route.ts';
import { attemptCount, attemptForgive, sessionLimits } from './attempts.ts';
import { signInRequired } from './session-admit.ts';

/** A password that was right a moment ago. */
export interface ProvenPassword {
  email: string;
  name: string;
  hash: string | null;
}

/**
 * Makes sure that who is signed in knows the account's password.
 * @param field of the request's body that holds it.
 * @throws ApiError 400 when they do not; 401 when the account was deleted meanwhile; 429 after too many tries.
 */
export async function passwordProve(
  deps: ApiDeps,
  call: SessionCall,
  password: string,
  field: string,
): Promise<ProvenPassword> {
  const { userId, sessionId } = call.session;
  const limits = sessionLimits('password', sessionId);
  await attemptCount(deps.db, limits, deps.clock.now());
  const user = await deps.db
    .selectFrom('users')
    .select(['email', 'name', 'password_hash as hash'])
    .where('id', '=', userId)
    .executeTakeFirst();
  if (user === undefined) throw signInRequired();
  if (!(await passwordVerify(password, user.hash))) throw passwordWrong(field);
  await attemptForgive(deps.db, limits);
  return user;
}

/** @throws ApiError 400 when the password has been changed since it was proven. Holds the user's row. */
export async function passwordStillRequire(
  trx: Db,
  userId: number,
  proven: ProvenPassword,
  field: string,
): Promise<void> {
  const user = await trx
    .selectFrom('users')
    .select('password_hash')
    .where('id', '=', userId)
    .forShare()
    .executeTakeFirstOrThrow();
  if (user.password_hash !== proven.hash) throw passwordWrong(field);
}

/** @throws ApiError 400 when a password that is to be is easy to guess. */
export async function passwordRulesRequire(
  password: string,
  known: readonly string[],
  field: string,
): Promise<void> {
  const fault = await passwordFault(password, known);
  if (fault !== null) throw validationError({ [field]: [fault] });
}

function passwordWrong(field: string): Error {
  return validationError({ [field]: ['This is not the password of your account.'] });
}

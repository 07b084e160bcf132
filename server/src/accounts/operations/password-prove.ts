import type { Db } from '../../db/database.ts';
import type { ApiDeps } from '../../http/deps.ts';
import { DomainError, InvalidInput } from '../../base/domain-error.ts';
import { passwordVerify } from '../../users/password.ts';
import { passwordFault } from '../../users/password-rules.ts';
import { attemptCount, attemptForgive, sessionLimits } from '../attempts.ts';

/** A password that was verified a moment ago. */
export interface ProvenPassword {
  email: string;
  name: string;
  hash: string | null;
}

/**
 * Verifies the signed-in person's password.
 * @param field of the request's body that holds the password.
 * @throws DomainError if it is wrong, the account was deleted meanwhile, or there were too many attempts.
 */
export async function passwordProve(
  deps: Pick<ApiDeps, 'db' | 'clock'>,
  { userId, sessionId }: { userId: number; sessionId: number },
  password: string,
  field: string,
): Promise<ProvenPassword> {
  const limits = sessionLimits('password', sessionId);
  await attemptCount(deps.db, limits, deps.clock.now());
  const user = await deps.db
    .selectFrom('users')
    .select(['email', 'name', 'password_hash as hash'])
    .where('id', '=', userId)
    .executeTakeFirst();
  if (user === undefined) throw new DomainError('not_authenticated', 'Sign in to do this.');
  if (!(await passwordVerify(password, user.hash))) throw passwordWrong(field);
  await attemptForgive(deps.db, limits);
  return user;
}

/** Locks the user's row. @throws InvalidInput if the password has been changed since it was verified. */
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

/** @throws InvalidInput if a new password is easy to guess. */
export async function passwordRulesRequire(
  password: string,
  known: readonly string[],
  field: string,
): Promise<void> {
  const fault = await passwordFault(password, known);
  if (fault !== null) throw new InvalidInput({ [field]: [fault] });
}

function passwordWrong(field: string): Error {
  return new InvalidInput({ [field]: ['This is not the password of your account.'] });
}

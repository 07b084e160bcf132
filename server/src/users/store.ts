import { sql } from 'kysely';
import { uniqueViolation, type Db } from '../db/database.ts';
import { OperatorError } from '../errors.ts';
import { isEmail } from './email.ts';
import { userWritesEnd } from './write-lock.ts';

/** @throws OperatorError when a text is no address. */
export function addressRequire(text: string): void {
  if (!isEmail(text)) throw new OperatorError(`"${text}" is not an e-mail address.`);
}

/** @throws OperatorError when the address is none, or has an account already. */
export async function userCreate(
  db: Db,
  input: { email: string; name: string; passwordHash: string; now: Date },
): Promise<number> {
  addressRequire(input.email);
  try {
    const row = await db
      .insertInto('users')
      .values({
        email: input.email,
        name: input.name,
        password_hash: input.passwordHash,
        disabled_at: null,
        created_at: input.now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new OperatorError(`There is an account with the address ${input.email} already.`);
  }
}

/**
 * From now on every token of the user is refused. Waits for the user's writes under way, so that none
 * of them commits after this returns.
 */
export async function userDisable(db: Db, userId: number, now: Date): Promise<void> {
  await db
    .with(
      (cte) => cte('held').materialized(),
      (cte) => cte.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')),
    )
    .updateTable('users')
    .from('held')
    .set((eb) => ({ disabled_at: eb.fn.coalesce('users.disabled_at', eb.val(now)) }))
    .where('users.id', '=', userId)
    .execute();
}

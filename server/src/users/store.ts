import { sql } from 'kysely';
import { uniqueViolation, type Db } from '../db/database.ts';
import { DomainError, InvalidInput } from '../base/domain-error.ts';
import { isEmail } from './email.ts';
import { userWritesEnd } from './write-lock.ts';

/** @throws DomainError if a text is not an address. */
export function addressRequire(text: string): void {
  if (!isEmail(text)) throw new InvalidInput({ email: [`"${text}" is not an e-mail address.`] });
}

/** @throws DomainError if the address is invalid, or already has an account. */
export async function userInsert(
  db: Db,
  input: { email: string; name: string; passwordHash: string; isVerified?: boolean; now: Date },
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
        email_verified: input.isVerified ?? true,
        created_at: input.now,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new DomainError(
      'address_taken',
      `There is an account with the address ${input.email} already.`,
    );
  }
}

/**
 * Refuses every token of the user from now on. Waits for the user's writes in progress, so that none
 * of them commits after this returns.
 */
export async function userRowDisable(db: Db, userId: number, now: Date): Promise<void> {
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

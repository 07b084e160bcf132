import type { Trx } from '../db/database.ts';
import { OperatorError } from '../base/errors.ts';
import { emailIs } from '../users/email.ts';

export interface FoundUser {
  id: number;
  email: string;
  disabledAt: Date | null;
}

/** The account with an address, ignoring case. @throws OperatorError if there is none. */
export async function userFind(trx: Trx, email: string): Promise<FoundUser> {
  const user = await trx
    .selectFrom('users')
    .select(['id', 'email', 'disabled_at as disabledAt'])
    .where(emailIs(email))
    .executeTakeFirst();
  if (user !== undefined) return user;
  throw new OperatorError(
    `There is no account with the address ${email}: see dollarbox-admin user-list.`,
  );
}

/** @throws OperatorError if there is none, or it is disabled. */
export async function userFindEnabled(trx: Trx, email: string): Promise<FoundUser> {
  const user = await userFind(trx, email);
  if (user.disabledAt === null) return user;
  throw new OperatorError(`The account ${user.email} is disabled.`);
}

/** @throws OperatorError if there is none. */
export async function orgFind(trx: Trx, slug: string): Promise<{ id: number; slug: string }> {
  const org = await trx
    .selectFrom('orgs')
    .select(['id', 'slug'])
    .where('slug', '=', slug)
    .executeTakeFirst();
  if (org !== undefined) return org;
  throw new OperatorError(`There is no org "${slug}": see dollarbox-admin org-list.`);
}

/** The role of a user in an org, or null. */
export async function roleFind(trx: Trx, orgId: number, userId: number): Promise<string | null> {
  const membership = await trx
    .selectFrom('memberships')
    .select('role')
    .where('org_id', '=', orgId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return membership?.role ?? null;
}

import { sql } from 'kysely';
import { foreignKeyViolation } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import type { Trx } from '../http/write.ts';
import type { SessionCall } from './account-route.ts';
import { accountAudit, accountWrite } from './account-write.ts';
import { cookieClear } from './session-cookie.ts';

interface OwnedOrg {
  id: number;
  slug: string;
  isEmpty: boolean;
}

/**
 * Deletes the account of who is signed in, with all that is theirs alone. The orgs that hold nothing and nobody else
 * go with it.
 */
export async function accountDelete(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId } = call.session;
  try {
    await accountWrite(deps, call, async (trx) => {
      const orgs = await lastOwnedOrgs(trx, userId);
      const inUse = orgs.filter(({ isEmpty }) => !isEmpty).map(({ slug }) => slug);
      if (inUse.length > 0) throw lastOwner(inUse);
      await accountAudit(trx, deps, { userId, requestId: call.requestId }, 'user.delete');
      await rowsDelete(
        trx,
        userId,
        orgs.map(({ id }) => id),
      );
    });
  } catch (error) {
    if (foreignKeyViolation(error) === null) throw error;
    throw new ApiError(
      'conflict',
      'Something of your orgs is still being removed: try again in a moment.',
      { cause: error },
    );
  }
  return { status: 204, headers: { 'set-cookie': cookieClear(deps.config, 'session') } };
}

/**
 * The orgs of which the user is the last owner who is not shut out. All that they own are held first, and looked at then: another owner
 * may be leaving at the same moment.
 */
async function lastOwnedOrgs(trx: Trx, userId: number): Promise<OwnedOrg[]> {
  await sql`
    select from orgs o join memberships m on m.org_id = o.id
    where m.user_id = ${userId} and m.role = 'owner' order by o.id for update of o`.execute(trx);
  const { rows } = await sql<OwnedOrg>`
    select o.id, o.slug,
      o.container_count = 0 and o.volume_gb_count = 0
      and not exists (select from memberships other where other.org_id = o.id and other.user_id <> ${userId})
        as "isEmpty"
    from orgs o join memberships m on m.org_id = o.id
    where m.user_id = ${userId} and m.role = 'owner'
      and not exists (
        select from memberships other join users u on u.id = other.user_id
        where other.org_id = o.id and other.user_id <> ${userId} and other.role = 'owner'
          and u.disabled_at is null
      )
    order by o.id`.execute(trx);
  return rows;
}

async function rowsDelete(trx: Trx, userId: number, orgIds: readonly number[]): Promise<void> {
  await trx.deleteFrom('idempotency_keys').where('user_id', '=', userId).execute();
  await trx.deleteFrom('tokens').where('user_id', '=', userId).execute();
  await trx.deleteFrom('memberships').where('user_id', '=', userId).execute();
  await trx.deleteFrom('sessions').where('user_id', '=', userId).execute();
  if (orgIds.length > 0) {
    await trx.deleteFrom('tokens').where('org_id', 'in', orgIds).execute();
    await trx.deleteFrom('orgs').where('id', 'in', orgIds).execute();
  }
  await trx.deleteFrom('users').where('id', '=', userId).execute();
}

function lastOwner(slugs: readonly string[]): ApiError {
  return new ApiError(
    'conflict',
    `You are the last owner of ${slugs.join(', ')}: have the operator add another owner first, or, where nobody else is in it, delete all that it holds.`,
    { detail: { orgs: slugs } },
  );
}

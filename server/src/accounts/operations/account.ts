import { sql } from 'kysely';
import { DomainError } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import { type Trx, foreignKeyViolation } from '../../db/database.ts';
import { keptRepliesOfUserDelete } from '../../http/idempotency.ts';
import { membershipsDelete } from '../../members/operations.ts';
import { orgRowsDelete } from '../../orgs/store.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';

type Deps = Pick<ChangeDeps, 'clock'>;

interface OwnedOrg {
  id: number;
  slug: string;
  isEmpty: boolean;
}

/** Changes the name of the person. */
export async function accountUpdate(
  trx: Trx,
  actor: SessionActor,
  { name }: { name: string },
  deps: Deps,
): Promise<void> {
  await trx.updateTable('users').set({ name }).where('id', '=', actor.userId).execute();
  await accountAudit(trx, deps, actor, 'user.update');
}

/**
 * Deletes the person's account and everything that belongs only to it, including empty orgs without other members. Needs
 * the locks of `ownedOrgsLock`.
 * @throws DomainError if the person is the last owner of an org that is in use, or one is still being removed.
 */
export async function accountDelete(trx: Trx, actor: SessionActor, deps: Deps): Promise<void> {
  const { userId } = actor;
  const orgs = await lastOwnedOrgs(trx, userId);
  const inUse = orgs.filter(({ isEmpty }) => !isEmpty).map(({ slug }) => slug);
  if (inUse.length > 0) throw lastOwner(inUse);
  await accountAudit(trx, deps, actor, 'user.delete');
  try {
    await rowsDelete(
      trx,
      actor,
      orgs.map(({ id }) => id),
      deps,
    );
  } catch (error) {
    if (foreignKeyViolation(error) === null) throw error;
    throw new DomainError(
      'busy',
      'Something of your orgs is still being removed: try again in a moment.',
      {},
      { cause: error },
    );
  }
}

/** Locks every org that the user owns, because another owner may be leaving at the same moment. */
export async function ownedOrgsLock(trx: Trx, userId: number): Promise<void> {
  await sql`
    select from orgs o join memberships m on m.org_id = o.id
    where m.user_id = ${userId} and m.role = 'owner' order by o.id for no key update of o`.execute(
    trx,
  );
}

/** The orgs in which the user is the last owner whose account is not disabled. Locks their rows. */
async function lastOwnedOrgs(trx: Trx, userId: number): Promise<OwnedOrg[]> {
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

async function rowsDelete(
  trx: Trx,
  actor: SessionActor,
  orgIds: readonly number[],
  deps: Deps,
): Promise<void> {
  const { userId } = actor;
  await keptRepliesOfUserDelete(trx, userId);
  await trx.deleteFrom('tokens').where('user_id', '=', userId).execute();
  await membershipsDelete(trx, actor, { userId, deletedOrgIds: orgIds }, deps);
  await trx.deleteFrom('sessions').where('user_id', '=', userId).execute();
  await orgRowsDelete(trx, orgIds);
  await trx.deleteFrom('users').where('id', '=', userId).execute();
}

function lastOwner(slugs: readonly string[]): DomainError {
  return new DomainError(
    'last_owner',
    `You are the last owner of ${slugs.join(', ')}: make someone else an owner first, or, where nobody else is in it, delete all that it holds.`,
    { orgs: slugs },
  );
}

import { type RawBuilder, sql } from 'kysely';
import { DomainError } from '../base/domain-error.ts';
import type { Trx } from '../db/database.ts';

// What is deleted is free in the plan at once, and on the engine a while later. An org could therefore give an engine more
// to remove than it can, by creating and deleting in turn, or by containers that can't be removed. While as many are
// deleted and not gone as the plan allows, and `orgs.removal_limit` more, nothing new is created.

/** The objects that are counted, each kind for itself. */
type Removed = 'containers' | 'volumes';

const LIMITS = { containers: 'container_limit', volumes: 'volume_gb_limit' } as const;

/**
 * A condition on a row of `orgs`: fewer of its objects are being removed than may be. Deletions that are committed while
 * the statement waits for the org are not counted.
 */
export function removalsHaveRoom(kind: Removed): RawBuilder<boolean> {
  return sql<boolean>`(
    select count(*) from ${sql.table(kind)} as removed
    where removed.org_id = orgs.id and removed.deleted_at is not null
  ) < removal_limit + ${sql.ref(LIMITS[kind])}`;
}

/** @throws DomainError if the org has as many objects that are being removed as it may have. */
export async function removalRoomRequire(trx: Trx, orgId: number, kind: Removed): Promise<void> {
  const { rows } = await sql<{ current: number; limit: number }>`
    select removal_limit + ${sql.ref(LIMITS[kind])} as "limit", (
      select count(*)::int from ${sql.table(kind)} where org_id = ${orgId} and deleted_at is not null
    ) as current
    from orgs where id = ${orgId}`.execute(trx);
  const [{ current, limit } = { current: 0, limit: 1 }] = rows;
  if (current < limit) return;
  throw new DomainError(
    'quota_exceeded',
    `${current} deleted ${kind} of this org are still being removed, and ${limit} may be at a time. Wait until some are gone, then try again.`,
    { resource: 'removals', limit, current },
  );
}

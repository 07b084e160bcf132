import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Role } from '../db/types.ts';

/** A caller whose request goes on after its first reply. */
export interface LastingCaller {
  tokenId: number | null;
  sessionId: number | null;
  orgId: number;
}

/** What a caller may do at the moment. */
export interface LastingAccess {
  role: Role;
}

/** The key of a caller in the result of `accessRead`. */
export function callerKey({ tokenId, sessionId, orgId }: LastingCaller): string {
  return `${tokenId === null ? `session-${sessionId}` : `token-${tokenId}`} ${orgId}`;
}

/**
 * What each of these callers may do at the moment, read by one statement. A caller without access is missing: its
 * credential has ended, its user is disabled or is no member any more, or the org's API is turned off.
 */
export async function accessRead(
  db: Db,
  callers: readonly LastingCaller[],
  now: Date,
): Promise<Map<string, LastingAccess>> {
  const idsOf = (key: 'tokenId' | 'sessionId') => [
    ...new Set(callers.map((caller) => caller[key]).filter((id) => id !== null)),
  ];
  const { rows } = await sql<LastingCaller & { role: Role }>`
    select c."tokenId", c."sessionId", m.org_id as "orgId", m.role
    from (
      select id as "tokenId", null::bigint as "sessionId", user_id, org_id as only_org_id
      from tokens
      where id = any(${idsOf('tokenId')}::bigint[]) and revoked_at is null
        and coalesce(expires_at > ${now}::timestamptz, true)
      union all
      select null, id, user_id, null
      from sessions
      where id = any(${idsOf('sessionId')}::bigint[]) and ended_at is null and expires_at > ${now}::timestamptz
    ) as c
    join users as u on u.id = c.user_id and u.disabled_at is null
    join memberships as m on m.user_id = u.id and (c.only_org_id is null or c.only_org_id = m.org_id)
    join orgs as o on o.id = m.org_id and (c."sessionId" is not null or o.api_enabled)`.execute(db);
  return new Map(rows.map((row) => [callerKey(row), { role: row.role }]));
}

import { sql } from 'kysely';
import type { AuditEntry } from '../audit/store.ts';
import { sharedWrite } from '../db/shared-write.ts';
import { rolesFrom } from '../http/permission.ts';
import type { SecretBox } from '../secrets.ts';
import { userWriteTry } from '../users/write-lock.ts';
import type { ContainerDesired } from './rules.ts';
import { ADDRESS_OFFSET, type ContainerRow, SHOWN, envSeal } from './store.ts';

/** One container that a caller asks for. */
export interface ContainerAsk {
  orgId: number;
  userId: number;
  tokenId: number;
  desired: ContainerDesired;
  audit: Omit<AuditEntry, 'objectId'>;
  secrets: SecretBox;
}

const ROLES = rolesFrom('member');
const SHOWN_OF_MADE = sql.join(SHOWN.map((column) => sql.ref(`made.${column}`)));

/** What the statement reads of each ask. JSON holds a list of any length, of rows whose lists have any lengths. */
function askShow({ orgId, userId, tokenId, desired, audit, secrets }: ContainerAsk, n: number) {
  const { name, image, command, ports } = desired;
  return {
    ...{ n, org_id: orgId, user_id: userId, token_id: tokenId, name, image, command, ports },
    env: envSeal(secrets, desired.env).toString('base64'),
    ...{ at: audit.at, action: audit.action, object_kind: audit.objectKind },
    ...{ request_id: audit.requestId, detail: audit.detail },
  };
}

/**
 * Makes the containers that are asked for at about the same time, whoever asks, in one statement: what
 * `containerCreate` does for each, for all that can be made without waiting. Locks are taken where they are free:
 * nobody waits for another org's.
 * @returns the new row; null when something is in the way, or was, and it has to be asked for alone.
 */
export const containerCreateTogether = sharedWrite(async (db, asks: readonly ContainerAsk[]) => {
  const { rows } = await sql<ContainerRow & { n: number; org_slug: string }>`
    with asked as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(asks.map(askShow))}::jsonb) as asked (
        n integer, org_id bigint, user_id bigint, token_id bigint, name text, image text, env text, command text[],
        ports integer[], at timestamptz, action text, object_kind text, request_id text, detail jsonb
      )
    ),
    begun as materialized (
      select user_id from (select distinct user_id from asked) as users where ${userWriteTry(sql`user_id`)}
    ),
    allowed as materialized (
      select asked.n, asked.org_id
      from asked join begun using (user_id)
      join tokens as t on t.id = asked.token_id
      join users as u on u.id = t.user_id
      join memberships as m on m.user_id = u.id and m.org_id = asked.org_id
      where t.revoked_at is null and u.disabled_at is null and coalesce(t.expires_at > asked.at, true)
        and m.role = any(${ROLES})
      for share of t, u, m skip locked
    ),
    org as materialized (
      select orgs.id, slug, ipv6_subnet, container_limit - container_count as room from orgs, installation
      where orgs.id = any (array (select org_id from allowed)) and not storage_low
      for no key update of orgs skip locked
    ),
    placed as materialized (
      select asked.*, slug, ipv6_subnet, room, row_number() over (partition by asked.org_id order by n) as place
      from (select distinct on (org_id, name) * from asked join allowed using (n, org_id) order by org_id, name, n) as asked
      join org on org.id = asked.org_id
    ),
    made as (
      insert into containers (
        id, org_id, name, image, env_sealed, command, ports, ipv6_address, created_at, updated_at, attempt_at
      )
      select id, org_id, name, image, decode(env, 'base64'), command, ports,
        host(ipv6_subnet)::inet + id + ${ADDRESS_OFFSET}::bigint, at, at, at
      from (select nextval('containers_id_seq') as id, * from placed where place <= room) as numbered
      on conflict (org_id, name) where deleted_at is null do nothing
      returning *
    ),
    counted as (
      update orgs set container_count = container_count + made_in.count
      from (select org_id, count(*) from made group by org_id) as made_in where orgs.id = made_in.org_id
    ),
    due as (
      insert into work (kind, object_id, due_at) select 'container', id, created_at from made
    ),
    told as (
      insert into audit_log (
        at, org_id, user_id, token_id, action, object_kind, object_id, request_id, detail
      )
      select at, org_id, user_id, token_id, action, object_kind, made.id, request_id, detail
      from made join placed using (org_id, name)
    )
    select n, slug as org_slug, ${SHOWN_OF_MADE} from made join placed using (org_id, name)
  `.execute(db);
  const results = Array<(typeof rows)[number] | null>(asks.length).fill(null);
  for (const row of rows) results[row.n] = row;
  return results;
});

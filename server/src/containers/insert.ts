import { type RawBuilder, sql } from 'kysely';
import type { OrgActor } from '../changes/actor.ts';
import { createdRecord } from '../changes/record.ts';
import type { Db, Trx } from '../db/database.ts';
import { sharedWrite } from '../db/shared-write.ts';
import { removalsHaveRoom } from '../orgs/removals.ts';
import { POLICY, rolesFrom } from '../changes/policy.ts';
import type { SecretBox } from '../base/secrets.ts';
import { userWriteTry } from '../users/write-lock.ts';
import type { ContainerDesired } from './rules.ts';
import { type ContainerRow, SHOWN, envSeal } from './store.ts';

/**
 * The low addresses of an org's network are reserved for the network itself. A container's address is its id above
 * them.
 */
export const ADDRESS_OFFSET = 65_536;

/** One container to create. */
export interface ContainerAsk {
  actor: OrgActor;
  desired: ContainerDesired;
  at: Date;
}

/**
 * How the statement takes locks. `wait`: it runs in a transaction that has checked the caller, and waits for the org.
 * `skip`: it is its own transaction, checks the callers of all containers it creates, and leaves out those that it
 * would have to wait for.
 */
type LockMode = 'wait' | 'skip';

const ROLES = rolesFrom(POLICY['container.create'].role);
const SHOWN_OF_MADE = sql.join(SHOWN.map((column) => sql.ref(`made.${column}`)));

/**
 * Creates a container, waiting for its org's lock.
 * @returns null if there is no room in the org or on the host, or the name is taken.
 */
export async function containerInsert(
  trx: Trx,
  secrets: SecretBox,
  ask: ContainerAsk,
): Promise<ContainerRow | null> {
  const { rows } = await insertStatement(secrets, [ask], 'wait').execute(trx);
  return rows[0] ?? null;
}

/** A request for the shared statement. Its caller uses a token. */
interface SharedAsk extends ContainerAsk {
  secrets: SecretBox;
}

/**
 * Creates in one statement the containers that are requested at about the same time, by any callers.
 * @returns null if there is, or was, an obstacle: the container must be created by `containerInsert`.
 */
export const containerInsertShared = sharedWrite(async (db: Db, asks: readonly SharedAsk[]) => {
  const [first] = asks;
  if (first === undefined) return [];
  const { rows } = await insertStatement(first.secrets, asks, 'skip').execute(db);
  const results = Array<ContainerRow | null>(asks.length).fill(null);
  for (const row of rows) results[row.n] = row;
  return results;
});

/**
 * The statement that creates containers. If there is room in the org and on the host and the name is free, it inserts
 * the row, its row in the queue and its audit row, and increases the org's count. It is one statement so that the lock
 * on the org's row, under which containers are counted, is not held for a round trip.
 */
function insertStatement(
  secrets: SecretBox,
  asks: readonly ContainerAsk[],
  mode: LockMode,
): RawBuilder<ContainerRow & { n: number }> {
  return sql<ContainerRow & { n: number }>`
    with asked as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(asks.map((ask, n) => askShow(secrets, ask, n)))}::jsonb) as asked (
        n integer, org_id bigint, user_id bigint, token_id bigint, request_id text, session_id bigint, ip_address text, at timestamptz,
        name text, image text, env text, command text[], ports integer[], volumes jsonb, pull_policy text,
        stop_grace_seconds integer, init boolean
      )
    ),
    ${mode === 'skip' ? CALLERS_CHECKED : sql`allowed as materialized (select n, org_id from asked)`},
    org as materialized (
      select orgs.id, ipv6_subnet, addresses_given, container_limit - container_count as room from orgs, installation
      where orgs.id = any (array (select org_id from allowed)) and not storage_low and status = 'active'
        and ${removalsHaveRoom('containers')}
        ${mode === 'skip' ? sql`and api_enabled` : sql``}
      for no key update of orgs ${mode === 'skip' ? sql`skip locked` : sql``}
    ),
    placed as materialized (
      select asked.*, ipv6_subnet, addresses_given, room, row_number() over (partition by asked.org_id order by n) as place
      from (select distinct on (org_id, name) * from asked join allowed using (n, org_id) order by org_id, name, n) as asked
      join org on org.id = asked.org_id
    ),
    made as (
      insert into containers (
        id, org_id, name, image, env_sealed, command, ports, volumes, pull_policy, stop_grace_seconds, init,
        ipv6_address, created_at, updated_at, status_since, attempt_at
      )
      select id, org_id, name, image, decode(env, 'base64'), command, ports, volumes, pull_policy, stop_grace_seconds, init,
        case when addresses_given then host(ipv6_subnet)::inet + id + ${ADDRESS_OFFSET}::bigint end, at, at, at, at
      from (select nextval('containers_id_seq') as id, * from placed where place <= room) as numbered
      on conflict (org_id, name) where deleted_at is null do nothing
      returning *
    ),
    counted as (
      update orgs set container_count = container_count + made_in.count
      from (select org_id, count(*) from made group by org_id) as made_in where orgs.id = made_in.org_id
    ),
    ${createdRecord('container', sql`made join placed using (org_id, name)`)}
    select n, ${SHOWN_OF_MADE} from made join placed using (org_id, name)`;
}

/** The callers' locks and rights, taken and read as in `writeRun`. */
const CALLERS_CHECKED = sql`
    held as materialized (
      select user_id from (select distinct user_id from asked) as users where ${userWriteTry(sql`user_id`)}
    ),
    allowed as materialized (
      select asked.n, asked.org_id
      from asked join held using (user_id)
      join tokens as t on t.id = asked.token_id
      join users as u on u.id = t.user_id
      join memberships as m on m.user_id = u.id and m.org_id = asked.org_id
      where t.revoked_at is null and u.disabled_at is null and coalesce(t.expires_at > asked.at, true)
        and m.role = any(${ROLES})
      for share of t, u, m skip locked
    )`;

/**
 * What the statement reads of each request. JSON can hold a list of any length whose rows contain lists of any length.
 */
function askShow(secrets: SecretBox, { actor, desired, at }: ContainerAsk, n: number) {
  const { name, image, env, command, ports, volumes, pull_policy } = desired;
  const { stop_grace_seconds, init } = desired;
  return {
    ...{ n, org_id: actor.org.id, user_id: actor.userId, token_id: actor.tokenId },
    ...{ session_id: actor.sessionId ?? null, ip_address: actor.ipAddress ?? null },
    ...{ request_id: actor.requestId, at, name, image, command, ports, volumes, pull_policy },
    ...{ stop_grace_seconds, init },
    env: envSeal(secrets, env).toString('base64'),
  };
}

// The orgs' networks, a part of ReconcileStore; reconciler/store.ts says what each does.
import type { TenantSpec } from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** Held while an org's IPv4 network is chosen: two that choose at once would choose the same. */
const SUBNET_LOCK = 0x44_42_58_53;

export async function orgSubnetAssign(
  db: Db,
  orgId: number,
  refused: string | null,
  startIndex: number,
): Promise<TenantSpec> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${SUBNET_LOCK})`.execute(trx);
    await trx
      .updateTable('orgs')
      .set({
        ipv4_subnet: sql<string>`(
          select subnet from (
            select ('10.64.0.0'::inet + (${startIndex}::bigint + n) % 65536 * 64)::cidr as base
            from generate_series(0, 65535) as n
          ) as candidates, lateral (select set_masklen(base, 26) as subnet) as masked
          where not exists (select from orgs as taken where taken.ipv4_subnet = subnet)
            and subnet is distinct from ${refused}::cidr
          limit 1
        )`,
      })
      .where('id', '=', orgId)
      .where(sql<boolean>`ipv4_subnet is not distinct from ${refused}::cidr`)
      .execute();
    const chosen = await trx
      .selectFrom('orgs')
      .select(['id', 'ipv4_subnet', 'ipv6_subnet'])
      .where('id', '=', orgId)
      .executeTakeFirstOrThrow();
    return {
      id: chosen.id,
      ipv4Subnet: chosen.ipv4_subnet ?? '',
      ipv6Subnet: chosen.ipv6_subnet,
    };
  });
}

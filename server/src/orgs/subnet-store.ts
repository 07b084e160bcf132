import type { SubnetStore, TenantSubnets } from '@dollarbox/engines/subnets';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** Held while an org's IPv4 subnet is chosen; otherwise two concurrent choices could be the same. */
const SUBNET_LOCK = 0x44_42_58_53;

/** Candidates are numbered from here, each a /26. */
const FIRST_ADDRESS = 0x0a_40_00_00;
const SUBNET_SIZE = 64;
const SUBNETS = 65_536;

/** Where an installation starts to look for a free IPv4 subnet. Installations on one host start at different places. */
export function subnetStartIndex(installationId: string): number {
  return Number.parseInt(installationId, 36) % SUBNETS;
}

/** The number of the candidate after this one. */
export function subnetIndexAfter(ipv4Subnet: string): number {
  const bytes = ipv4Subnet.split('/')[0]?.split('.').map(Number) ?? [];
  const address = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const index = (address - FIRST_ADDRESS) / SUBNET_SIZE + 1;
  return Number.isSafeInteger(index) && index >= 0 ? index % SUBNETS : 0;
}

/** The subnets that the orgs' rows record. */
export function orgSubnetStoreCreate(db: Db, startIndex: number): SubnetStore {
  return {
    async ensure(orgId) {
      const org = await db
        .selectFrom('orgs')
        .select(['ipv4_subnet', 'ipv6_subnet'])
        .where('id', '=', orgId)
        .executeTakeFirstOrThrow();
      if (org.ipv4_subnet === null) return orgSubnetAssign(db, orgId, null, startIndex);
      return { ipv4Subnet: org.ipv4_subnet, ipv6Subnet: org.ipv6_subnet };
    },
    replace: (orgId, refused) => orgSubnetAssign(db, orgId, refused, subnetIndexAfter(refused)),
  };
}

/**
 * Assigns an org its IPv4 subnet, the first free /26 from `startIndex` on, replacing `refused` (null: it had none). If
 * another worker has already assigned one, that one is kept.
 */
async function orgSubnetAssign(
  db: Db,
  orgId: number,
  refused: string | null,
  startIndex: number,
): Promise<TenantSubnets> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${SUBNET_LOCK})`.execute(trx);
    await trx
      .updateTable('orgs')
      .set({
        ipv4_subnet: sql<string>`(
          select subnet from (
            select ('10.64.0.0'::inet + (${startIndex}::bigint + n) % ${SUBNETS} * ${SUBNET_SIZE})::cidr as base
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
      .select(['ipv4_subnet', 'ipv6_subnet'])
      .where('id', '=', orgId)
      .executeTakeFirstOrThrow();
    return { ipv4Subnet: chosen.ipv4_subnet ?? '', ipv6Subnet: chosen.ipv6_subnet };
  });
}

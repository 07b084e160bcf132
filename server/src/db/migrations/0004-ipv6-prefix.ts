import { type Kysely, sql } from 'kysely';

/** The operator's own IPv6 prefix, beside the random one, which orgs that were made before keep. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table installation add column ipv6_routed_prefix cidr
      check (family(ipv6_routed_prefix) = 6 and masklen(ipv6_routed_prefix) between 32 and 56);
  `.execute(db);
}

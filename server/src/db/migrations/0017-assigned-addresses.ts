import { type Kysely, sql } from 'kysely';

/**
 * An engine may assign a container's address, some time after the container was created. Whether it does is recorded
 * by the process that has the engine.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table containers alter column ipv6_address drop not null;
    alter table installation add column addresses_given boolean not null default true;
  `.execute(db);
}

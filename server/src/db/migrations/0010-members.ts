import { type Kysely, sql } from 'kysely';

/** What clients need of members: a version to compare, and pages that cost the same in an org of any size. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table memberships add column generation bigint not null default 1;
    create index memberships_page on memberships (org_id, id);
    drop index memberships_org;
  `.execute(db);
}

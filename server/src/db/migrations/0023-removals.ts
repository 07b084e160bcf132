import { type Kysely, sql } from 'kysely';

/** How many more objects than its plan allows an org may have that are deleted and not gone from the engine yet. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table orgs
      add column removal_limit integer not null default 20,
      add constraint orgs_removal_limit_check check (removal_limit >= 0);
    create index volumes_deleted on volumes (org_id) where deleted_at is not null;
  `.execute(db);
}

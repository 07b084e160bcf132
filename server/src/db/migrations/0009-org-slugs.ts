import { type Kysely, sql } from 'kysely';

/** Every slug that an org has or had, so that none is given out again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table org_slugs (
      slug text primary key
    );
    insert into org_slugs (slug) select slug from orgs;
    alter table orgs add constraint orgs_slug_given foreign key (slug) references org_slugs;
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/**
 * Which org's own pull obtained which image. Earlier pulls were recorded for the installation as a whole, which gives no
 * org a right: their images are pulled again when they are next needed for a new version of a container.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table image_rights (
      org_id bigint not null references orgs on delete cascade,
      ref text not null,
      registry text not null,
      image_id text not null,
      layers text[] not null,
      obtained_at timestamptz not null,
      primary key (org_id, ref)
    );
    create index image_rights_ref on image_rights (ref);
    create index image_rights_registry on image_rights (registry) where layers <> '{}';
  `.execute(db);
}

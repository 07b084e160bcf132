import { type Kysely, sql } from 'kysely';

/** Volumes that hold what a container's image declares as a `VOLUME`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table volumes add column of_image boolean not null default false;
    alter table volumes add check (not of_image or container_id is not null or deleted_at is not null);
    create unique index volumes_of_image on volumes (container_id, mount_path) where of_image and deleted_at is null;
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/**
 * How volumes are stored is known when they are created. A volume that the engine has not created yet will be stored as
 * the newest that it has; where there is none, as Docker stores volumes everywhere.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table installation
      add column volume_storage_class text,
      add column volume_size_enforced boolean,
      add check ((volume_storage_class is null) = (volume_size_enforced is null));

    update volumes set (storage_class, size_enforced) = (
      select storage_class, size_enforced from (
        select id, storage_class, size_enforced from volumes
        where storage_class is not null and size_enforced is not null
        union all
        select 0, 'docker-local', false
      ) as known
      order by id desc limit 1
    )
    where storage_class is null or size_enforced is null;

    alter table volumes
      alter column storage_class set not null,
      alter column size_enforced set not null;
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/**
 * The last lines of each instance whose object is gone. `kept_at`: when its object was about to be removed; from then on
 * its lines are read from here. `lost_lines`: how many lines came before those that are kept, null if that is not known.
 * `is_cut_off`: its process may have written more after its lines were read.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table container_instances
      add column kept_at timestamptz,
      add column kept_lines integer not null default 0,
      add column is_cut_off boolean not null default false,
      add constraint container_instances_kept check (lines_sealed is null or kept_at is not null);
    -- They are compressed and encrypted already.
    alter table container_instances alter column lines_sealed set storage external;
  `.execute(db);
}

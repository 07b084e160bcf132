import { type Kysely, sql } from 'kysely';

/**
 * The starts of containers' processes, and the lines of those whose object is gone. `object` is the number of the first
 * instance of the same object.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table container_instances (
      container_id bigint not null references containers (id) on delete cascade,
      number integer not null,
      object integer not null,
      ref text not null,
      generation integer not null,
      started_at timestamptz not null,
      lines_sealed bytea,
      lost_lines integer,
      primary key (container_id, number),
      unique (container_id, ref, started_at)
    );
  `.execute(db);
}

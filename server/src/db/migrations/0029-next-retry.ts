import { type Kysely, sql } from 'kysely';

/**
 * When what has failed is tried again, and since when a container's status is what it is. Events show both, as a part of
 * the status. A new time of the next try alone is no event: what fails again and again would have one after each try.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table containers
      add column next_retry_at timestamptz,
      add column status_since timestamptz not null default now()
  `.execute(db);
  await sql`
    do $$
    begin
      execute replace(
        pg_get_functiondef('event_columns'::regproc), '''restart_count'',',
        '''next_retry_at'', ''status_since'', ''restart_count'','
      );
      execute replace(
        replace(
          pg_get_functiondef('event_record'::regproc), '''restart_count'',',
          '''next_retry_at'', ''status_since'', ''restart_count'','
        ),
        'elsif previous = ''{}'' then', 'elsif previous - ''next_retry_at'' = ''{}'' then'
      );
    end
    $$
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/** What the engine notices about a container's process. Events show it, as a part of the status. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table containers add column warnings jsonb not null default '[]'`.execute(db);
  await sql`
    do $$
    begin
      execute replace(
        pg_get_functiondef('event_columns'::regproc), '''restart_count'',', '''warnings'', ''restart_count'','
      );
      execute replace(
        pg_get_functiondef('event_record'::regproc), '''restart_count'',', '''warnings'', ''restart_count'','
      );
    end
    $$
  `.execute(db);
}

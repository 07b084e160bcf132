import { type Kysely, sql } from 'kysely';

/**
 * Events of containers show what clients have asked for, as the API does: whether it is to run, and whether it is being
 * restarted. Both follow from columns that the API does not show. A change of them is one of the status.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function container_wishes(state jsonb) returns jsonb language sql immutable as $$
      select jsonb_build_object(
        'desired_status', case when stopped then 'stopped' else 'running' end,
        'restarting', not stopped and (
          coalesce(state ->> 'restart_ref' = state ->> 'applied_ref', false) or state ->> 'pull_again_at' is not null
        )
      )
      from (select coalesce((state ->> 'is_stopped')::boolean, false) as stopped) as asked
    $$
  `.execute(db);
  await sql`
    do $do$
    begin
      execute replace(
        pg_get_functiondef('event_columns'::regproc), '''status_since'',', '''status_since'', ''desired_status'', ''restarting'','
      );
      execute replace(
        pg_get_functiondef('event_object'::regproc), 'jsonb_each(state)',
        'jsonb_each(case when kind = ''container'' then state || container_wishes(state) else state end)'
      );
      execute replace(
        pg_get_functiondef('event_record'::regproc), '''status_since'',', '''status_since'', ''desired_status'', ''restarting'','
      );
    end
    $do$
  `.execute(db);
}

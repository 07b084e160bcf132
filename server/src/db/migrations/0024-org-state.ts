import { type Kysely, sql } from 'kysely';

/**
 * What a write must know of its org, as committed when the function is called. A query sees rows as they were when it
 * began, although it may have waited for a lock since.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function org_state(org_id bigint) returns jsonb language sql volatile as $$
      select jsonb_build_object('is_suspended', status = 'suspended', 'api_enabled', api_enabled)
      from orgs where id = org_id
    $$;
  `.execute(db);
}

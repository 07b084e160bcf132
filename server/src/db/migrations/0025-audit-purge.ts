import { type Kysely, sql } from 'kysely';

/**
 * Removes expired audit rows, which the role of serving processes can't. Whoever calls it can remove nothing that is
 * younger than a year.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function audit_log_purge(kept_since timestamptz, most integer) returns bigint
    language sql security definer set search_path from current as $$
      with gone as (
        delete from audit_log
        where at < least(kept_since, clock_timestamp() - interval '365 days')
          and id in (select id from audit_log order by id limit most)
        returning id
      )
      select count(*) from gone
    $$;
  `.execute(db);
}

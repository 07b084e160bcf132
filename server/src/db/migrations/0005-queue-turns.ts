import { type Kysely, sql } from 'kysely';

/**
 * What the queue needs to give orgs their turns and to keep the delays after failures. `org_id` is 0 for rows that
 * a process of the former version inserts while both run: all of these share the places of one org.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table work
      add column org_id bigint not null default 0,
      add column hint_seq bigint not null default 0,
      add column engine_back_at timestamptz
  `.execute(db);
  await sql`
    update work set org_id = coalesce(
      case kind
        when 'container' then (select org_id from containers where id = object_id)
        when 'volume' then (select org_id from volumes where id = object_id)
      end,
      0
    )
  `.execute(db);
  await sql`create index work_org_due on work (org_id, due_at) where due_at is not null`.execute(
    db,
  );
}

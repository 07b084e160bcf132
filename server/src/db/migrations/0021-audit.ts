import { type Kysely, sql } from 'kysely';

/** What the audit log tells to those of an org: also by which session and from where, and the values before and after. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table audit_log
      add column session_id bigint,
      add column ip_address text,
      add column changes jsonb not null default '{}';
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/** How many bytes of replies are kept under Idempotency-Keys for each org (0: outside any), so that they have a limit. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table idempotency_usage (
      org_id bigint primary key,
      bytes bigint not null check (bytes >= 0)
    ) with (fillfactor = 50);
    insert into idempotency_usage (org_id, bytes)
    select org_id, sum(octet_length(reply_sealed)) from idempotency_keys group by org_id;
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/** How many turns of an object in a row have ended in a call that the engine did not answer. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table work add column hangs integer not null default 0;
    create index work_aside on work (kind) where hangs >= 2;
  `.execute(db);
}

import { type Kysely, sql } from 'kysely';

/** Whether an image already on the engine counts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table containers add column pull_policy text not null default 'if_not_present'
      check (pull_policy in ('if_not_present', 'always'));
  `.execute(db);
}

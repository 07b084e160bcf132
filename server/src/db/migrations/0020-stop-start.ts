import { type Kysely, sql } from 'kysely';

/** Whether a client wants a container stopped, and which of its objects a client wants replaced. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table containers
      add column is_stopped boolean not null default false,
      add column restart_ref text,
      add column pull_again_at timestamptz;
  `.execute(db);
}

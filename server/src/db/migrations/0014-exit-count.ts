import { type Kysely, sql } from 'kysely';

/**
 * How many exits of its object were counted, for engines that restart processes by themselves. The engines so far
 * remember one exit of an object.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table containers add column exit_count integer not null default 0 check (exit_count >= 0);
    update containers set exit_count = 1 where exit_finished_at is not null;
  `.execute(db);
}

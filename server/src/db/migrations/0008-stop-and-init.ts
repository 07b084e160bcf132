import { type Kysely, sql } from 'kysely';

/** How a container's process is stopped, and whether a process that reaps runs as its PID 1. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table containers
      add column stop_grace_seconds integer not null default 10
        check (stop_grace_seconds between 1 and 120),
      add column init boolean not null default false;
  `.execute(db);
}

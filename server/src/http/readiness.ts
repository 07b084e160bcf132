import { sql } from 'kysely';
import { type Db, isDatabaseFull } from '../db/database.ts';
import { databaseIsCurrent } from '../db/migrate.ts';
import type { Clock } from '../base/system.ts';

/** How long an answer is cached: anyone may ask, as often as they like. */
const KEPT_MS = 1000;

/**
 * Sorts a mebibyte with less memory than that, so that the database writes to its disk. A statement that only reads
 * succeeds if the disk is full, and one that writes rows may find room in their table. This leaves nothing behind.
 */
async function spaceRequire(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local work_mem = '64kB'`.execute(trx);
    await sql`
      select count(*) from (
        select repeat('x', 1024) as filling from generate_series(1, 1024) as line order by filling, line
      ) as sorted`.execute(trx);
  });
}

/**
 * Creates the check whether the database can serve requests. It runs at most once a second, and one at a time.
 * @returns a function that runs the check and resolves to null, or to the reason why the database can't serve.
 */
export function databaseFaultLookupCreate(db: Db, clock: Clock): () => Promise<string | null> {
  let isCurrent = false;
  let keptAtMs = -Infinity;
  let answer: Promise<string | null> | null = null;
  let isAsking = false;

  async function ask(): Promise<string | null> {
    try {
      // Migrations are never reverted.
      isCurrent ||= await databaseIsCurrent(db);
      if (!isCurrent) return 'migrations are not done';
      await spaceRequire(db);
      return null;
    } catch (error) {
      return isDatabaseFull(error)
        ? 'the disk of the database is full'
        : 'the database is not reachable';
    } finally {
      isAsking = false;
      keptAtMs = clock.now().getTime();
    }
  }

  return () => {
    const ageMs = clock.now().getTime() - keptAtMs;
    // Negative if the clock was set back.
    const isFresh = isAsking || (ageMs >= 0 && ageMs < KEPT_MS);
    if (answer === null || !isFresh) {
      isAsking = true;
      answer = ask();
    }
    return answer;
  };
}

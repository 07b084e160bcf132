import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { databaseIsCurrent } from '../db/migrate.ts';
import type { Clock } from '../deps.ts';

/** For how long an answer is kept: anyone may ask, as often as they like. */
const KEPT_MS = 1000;

/**
 * Makes the question whether the database can serve: one statement a second at most, one at a time.
 * @returns what asks; its answer is null, or why it can't.
 */
export function databaseFaultLookupMake(db: Db, clock: Clock): () => Promise<string | null> {
  let isCurrent = false;
  let keptAtMs = -Infinity;
  let answer: Promise<string | null> | null = null;
  let isAsking = false;

  async function ask(): Promise<string | null> {
    try {
      // Migrations are never undone.
      if (isCurrent) await sql`select 1`.execute(db);
      else isCurrent = await databaseIsCurrent(db);
      return isCurrent ? null : 'migrations are not done';
    } catch {
      return 'the database is not reachable';
    } finally {
      isAsking = false;
      keptAtMs = clock.now().getTime();
    }
  }

  return () => {
    const ageMs = clock.now().getTime() - keptAtMs;
    // Negative when the clock was set back.
    const isFresh = isAsking || (ageMs >= 0 && ageMs < KEPT_MS);
    if (answer === null || !isFresh) {
      isAsking = true;
      answer = ask();
    }
    return answer;
  };
}

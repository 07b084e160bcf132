import { type RawBuilder, sql } from 'kysely';
import type { Logger } from 'pino';
import type { Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';

/** The use of a credential is recorded at most once per this interval. */
const NOTED_EVERY_MS = 300_000;
const REMEMBERED = 100_000;

/** Records when tokens and sessions were last used, independently of requests and infrequently. */
export interface UsageRecorder {
  noteToken(id: number): void;
  noteSession(id: number): void;
  /** Writes the uses since the last time to the database. Never fails: at worst, a time is off by minutes. */
  flush(): Promise<void>;
}

export function usageRecorderCreate(db: Db, clock: Clock, log: Logger): UsageRecorder {
  const tokens = notesCreate(clock);
  const sessions = notesCreate(clock);
  return {
    noteToken: tokens.note,
    noteSession: sessions.note,
    async flush() {
      const now = clock.now();
      try {
        await write(db, tokens.take(), now, sql.table('token_uses'), sql.ref('token_id'));
        await write(db, sessions.take(), now, sql.table('session_uses'), sql.ref('session_id'));
      } catch (error) {
        log.debug({ err: error }, 'the last uses of tokens and sessions were not written down');
      }
    },
  };
}

function notesCreate(clock: Clock) {
  const notedAtMs = new Map<number, number>();
  const due = new Set<number>();
  return {
    note(id: number): void {
      const nowMs = clock.now().getTime();
      if (nowMs - (notedAtMs.get(id) ?? -Infinity) < NOTED_EVERY_MS) return;
      if (notedAtMs.size >= REMEMBERED) notedAtMs.clear();
      notedAtMs.set(id, nowMs);
      due.add(id);
    },
    take(): number[] {
      const ids = [...due];
      due.clear();
      return ids;
    },
  };
}

/** Another process may have recorded the same use a moment ago. */
async function write(
  db: Db,
  ids: readonly number[],
  now: Date,
  table: RawBuilder<unknown>,
  key: RawBuilder<unknown>,
): Promise<void> {
  if (ids.length === 0) return;
  const seenSince = new Date(now.getTime() - NOTED_EVERY_MS / 2);
  await sql`
    insert into ${table} as used (${key}, last_used_at)
    select id, ${now}::timestamptz from unnest(${ids}::bigint[]) as id order by id
    on conflict (${key}) do update set last_used_at = excluded.last_used_at
    where used.last_used_at < ${seenSince}`.execute(db);
}

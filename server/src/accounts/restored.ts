import type { Db } from '../db/database.ts';

/**
 * After a restore: what has ended since the backup was made must not begin again. People sign in anew; links that may
 * have been used, and mails that may have been sent, count no more.
 */
export async function accountsRestored(db: Db, now: Date): Promise<void> {
  await db.updateTable('sessions').set({ ended_at: now }).where('ended_at', 'is', null).execute();
  await db.deleteFrom('one_time_tokens').execute();
  await db.updateTable('mails').set({ due_at: null }).where('due_at', 'is not', null).execute();
}

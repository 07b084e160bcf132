import type { Db } from '../db/database.ts';

/** After a restore, no link of an invitation works: it may have been accepted or revoked since the backup. */
export async function invitationsRestored(db: Db, now: Date): Promise<void> {
  await db
    .updateTable('invitations')
    .set({ expires_at: now })
    .where('expires_at', '>', now)
    .execute();
}

/**
 * After a restore, nothing that ended since the backup may become valid again. Sessions end, so people sign in again;
 * links that may have been used, and mail that may have been sent, are dropped.
 */
export async function accountsRestored(db: Db, now: Date): Promise<void> {
  await db.updateTable('sessions').set({ ended_at: now }).where('ended_at', 'is', null).execute();
  await db.deleteFrom('one_time_tokens').execute();
  await db.deleteFrom('client_logins').execute();
  await db.updateTable('mails').set({ due_at: null }).where('due_at', 'is not', null).execute();
}

import type { Db } from '../db/database.ts';
import type { SecretBox } from '../secrets.ts';
import { emailIs } from '../users/email.ts';

/** What is kept, sealed, until the link is opened. */
export interface PendingSignUp {
  name: string;
  orgName: string;
  passwordHash: string;
  inviteId: number | null;
  /** Of the secret that the browser was given. */
  browserHash: string;
}

/**
 * Finds the last sign-up with an address that a browser asked for. Anyone can sign up with any address: only this
 * tells the sign-up of whoever reads the mails from one with a password of somebody else's choice.
 * @returns its id, or null.
 */
export async function signUpOfBrowser(
  db: Db,
  secrets: SecretBox,
  email: string,
  browserHash: string,
  now: Date,
): Promise<number | null> {
  const rows = await db
    .selectFrom('one_time_tokens')
    .select(['id', 'data_sealed'])
    .where('purpose', '=', 'sign_up')
    .where(emailIs(email))
    .where('expires_at', '>', now)
    .orderBy('id', 'desc')
    .execute();
  const own = rows.find(({ data_sealed: sealed }) => {
    if (sealed === null) return false;
    const pending = JSON.parse(secrets.open('one-time.sign_up', sealed)) as PendingSignUp;
    return pending.browserHash === browserHash;
  });
  return own?.id ?? null;
}

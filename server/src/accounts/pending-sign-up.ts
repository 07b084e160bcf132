import type { Db } from '../db/database.ts';
import type { SecretBox } from '../base/secrets.ts';
import { emailIs } from '../users/email.ts';

/** The data of a sign-up, stored encrypted until its link is opened. */
export interface PendingSignUp {
  name: string;
  orgName: string;
  passwordHash: string;
  inviteId: number | null;
  /** The invitation to an org that the account accepts, instead of getting an org of its own. */
  invitationId?: number;
  /** The hash of the secret in the browser's cookie. */
  browserHash: string;
}

/**
 * Finds the last sign-up with an address from one browser. Anyone can sign up with any address: only the browser
 * distinguishes the owner of the mailbox from someone who signed up with the owner's address and their own password.
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

import type { Db } from '../db/database.ts';
import type { OneTimePurpose } from '../db/types-account.ts';
import type { SecretBox } from '../base/secrets.ts';
import { type BrowserSecret, browserSecretHash } from '../sessions/session-cookie.ts';

/** How long each kind of secret is valid, in milliseconds. */
export const ONE_TIME_MS: Readonly<Record<OneTimePurpose, number>> = {
  sign_up: 24 * 3_600_000,
  invite: 7 * 24 * 3_600_000,
  password_reset: 3_600_000,
  email_change: 24 * 3_600_000,
  two_factor: 300_000,
  passkey_sign_in: 300_000,
  passkey_proof: 300_000,
  passkey_create: 300_000,
};

/** What a single-use secret authorizes. */
export interface OneTime {
  id: number;
  userId: number | null;
  sessionId: number | null;
  email: string | null;
  /** Data stored encrypted with the secret. */
  data: string | null;
  attempts: number;
}

interface OneTimeInput {
  purpose: OneTimePurpose;
  /** Only its hash is stored. */
  secret: Pick<BrowserSecret, 'hash'>;
  userId?: number;
  sessionId?: number;
  email?: string;
  data?: string;
  now: Date;
}

/** Stores a single-use secret. */
export async function oneTimeCreate(
  db: Db,
  secrets: SecretBox,
  input: OneTimeInput,
): Promise<number> {
  const { purpose, data } = input;
  const row = await db
    .insertInto('one_time_tokens')
    .values({
      purpose,
      token_hash: input.secret.hash,
      user_id: input.userId ?? null,
      session_id: input.sessionId ?? null,
      email: input.email ?? null,
      data_sealed: data === undefined ? null : secrets.seal(`one-time.${purpose}`, data),
      created_at: input.now,
      expires_at: new Date(input.now.getTime() + ONE_TIME_MS[purpose]),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/**
 * Finds a secret and locks it, so that nobody else uses it before this transaction ends.
 * @returns null if there is none, or it has expired.
 */
export async function oneTimeHold(
  db: Db,
  secrets: SecretBox,
  purpose: OneTimePurpose,
  secret: string,
  now: Date,
): Promise<OneTime | null> {
  const row = await db
    .selectFrom('one_time_tokens')
    .select(['id', 'user_id', 'session_id', 'email', 'data_sealed', 'attempts'])
    .where('token_hash', '=', browserSecretHash(secret))
    .where('purpose', '=', purpose)
    .where('expires_at', '>', now)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    userId: row.user_id,
    sessionId: row.session_id,
    email: row.email,
    data: row.data_sealed === null ? null : secrets.open(`one-time.${purpose}`, row.data_sealed),
    attempts: row.attempts,
  };
}

export async function oneTimeDelete(db: Db, id: number): Promise<void> {
  await db.deleteFrom('one_time_tokens').where('id', '=', id).execute();
}

/** Invalidates all secrets of a user, because their password or address has changed. */
export async function oneTimesDelete(
  db: Db,
  userId: number,
  purposes: readonly OneTimePurpose[],
): Promise<void> {
  await db
    .deleteFrom('one_time_tokens')
    .where('user_id', '=', userId)
    .where('purpose', 'in', purposes)
    .execute();
}

/** Removes expired secrets. */
export async function oneTimesPurge(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('one_time_tokens').where('expires_at', '<', now).execute();
}

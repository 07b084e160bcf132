import type { Db } from '../db/database.ts';
import type { MadePasskey, StoredPasskey } from './passkey-ceremony.ts';

const COLUMNS = [
  'id',
  'user_id as userId',
  'credential_id as credentialId',
  'public_key as publicKey',
  'counter',
  'transports',
] as const;

export async function passkeysShown(db: Db, userId: number) {
  return db
    .selectFrom('passkeys')
    .select(['id', 'name', 'created_at', 'last_used_at'])
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .execute();
}

/** What the browser needs to know about a user's passkeys. */
export async function passkeysOf(db: Db, userId: number): Promise<StoredPasskey[]> {
  return db.selectFrom('passkeys').select(COLUMNS).where('user_id', '=', userId).execute();
}

/** A passkey by the id that its authenticator assigned, locked until this transaction ends. */
export async function passkeyHold(db: Db, credentialId: string): Promise<StoredPasskey | null> {
  const row = await db
    .selectFrom('passkeys')
    .select(COLUMNS)
    .where('credential_id', '=', credentialId)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

export async function passkeyInsert(
  db: Db,
  userId: number,
  name: string,
  made: MadePasskey,
  now: Date,
) {
  return db
    .insertInto('passkeys')
    .values({
      user_id: userId,
      name,
      credential_id: made.credentialId,
      public_key: made.publicKey,
      counter: made.counter,
      transports: made.transports,
      created_at: now,
      last_used_at: null,
    })
    .returning(['id', 'name', 'created_at', 'last_used_at'])
    .executeTakeFirstOrThrow();
}

/** Records a use. An authenticator's counter only increases, which reveals a copy. */
export async function passkeyUsed(db: Db, id: number, counter: number, now: Date): Promise<void> {
  await db
    .updateTable('passkeys')
    .set({ counter, last_used_at: now })
    .where('id', '=', id)
    .execute();
}

export async function passkeyRowDelete(db: Db, userId: number, id: number): Promise<boolean> {
  const result = await db
    .deleteFrom('passkeys')
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return result.numDeletedRows > 0n;
}

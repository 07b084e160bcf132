import { timingSafeEqual } from 'node:crypto';
import type { Db, Trx } from '../db/database.ts';
import type { TokenScope } from '../db/types-account.ts';
import { type BrowserSecret, browserSecretHash } from '../sessions/session-cookie.ts';
import type { ClientCode } from './client-code.ts';

/** From the beginning of a sign-in to its collection. */
export const CLIENT_LOGIN_MS = 600_000;
/** How long a program has to wait between two questions whether it was approved. */
export const POLL_SECONDS = 5;
/** A little less, since replies and requests take different times. */
const POLL_MS = POLL_SECONDS * 1000 - 1000;
/** The wrong entry of its code that ends a sign-in. */
const WRONG_ENTRIES_MAX = 5;

const COLUMNS = [
  'id',
  'challenge',
  'client',
  'ip_address as ipAddress',
  'scope',
  'org_slug as orgSlug',
  'token_expires_at as tokenExpiresAt',
  'decision',
  'user_id as userId',
  'session_id as sessionId',
  'created_at as createdAt',
  'expires_at as expiresAt',
] as const;

/** What a program asks for, or a person grants. */
export interface ClientLoginTerms {
  scope: TokenScope;
  orgSlug: string | null;
  tokenExpiresAt: Date | null;
}

interface Begun {
  secret: Pick<BrowserSecret, 'hash'>;
  client: string;
  ipAddress: string;
  now: Date;
}

/** A sign-in that waits for a person who types its code. @returns false if the code's group is taken: take another. */
export async function deviceLoginInsert(
  db: Db,
  { secret, client, ipAddress, now }: Begun,
  code: ClientCode,
  { scope, orgSlug }: Pick<ClientLoginTerms, 'scope' | 'orgSlug'>,
): Promise<boolean> {
  const row = await db
    .insertInto('client_logins')
    .values({
      ...{ secret_hash: secret.hash, code_group: code.group, code_hash: code.hash },
      ...{ client, ip_address: ipAddress, scope, org_slug: orgSlug },
      ...{ created_at: now, expires_at: new Date(now.getTime() + CLIENT_LOGIN_MS) },
    })
    .onConflict((conflict) => conflict.column('code_group').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A sign-in that a person has approved before the program knows of it. */
export async function redirectLoginInsert(
  db: Db,
  { secret, client, ipAddress, now }: Begun,
  { scope, orgSlug, tokenExpiresAt }: ClientLoginTerms,
  by: { challenge: string; userId: number; sessionId: number },
): Promise<void> {
  await db
    .insertInto('client_logins')
    .values({
      ...{ secret_hash: secret.hash, challenge: by.challenge, decision: 'approved' },
      ...{ client, ip_address: ipAddress, scope, org_slug: orgSlug },
      ...{ token_expires_at: tokenExpiresAt, user_id: by.userId, session_id: by.sessionId },
      ...{ created_at: now, expires_at: new Date(now.getTime() + CLIENT_LOGIN_MS) },
    })
    .execute();
}

/**
 * Finds the undecided sign-in with a code. A wrong one counts against the sign-in with the same first group, which the
 * fifth ends.
 */
export async function clientLoginFind(db: Db, code: ClientCode, now: Date) {
  return db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('client_logins')
      .select([...COLUMNS, 'code_hash as codeHash', 'wrong_entries as wrongEntries'])
      .where('code_group', '=', code.group)
      .where('expires_at', '>', now)
      .where('decision', 'is', null)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined || row.codeHash === null) return null;
    if (timingSafeEqual(row.codeHash, code.hash)) return row;
    const wrong = row.wrongEntries + 1;
    if (wrong >= WRONG_ENTRIES_MAX) await clientLoginDelete(trx, row.id);
    else await rowUpdate(trx, row.id).set({ wrong_entries: wrong }).execute();
    return null;
  });
}

/** Records a person's decision. @returns false if the sign-in is over, or was decided meanwhile. */
export async function clientLoginDecide(
  trx: Trx,
  id: number,
  by: { userId: number; sessionId: number },
  granted: ClientLoginTerms | null,
): Promise<boolean> {
  const row = await rowUpdate(trx, id)
    .set({
      decision: granted === null ? 'refused' : 'approved',
      ...{ user_id: by.userId, session_id: by.sessionId },
      ...(granted !== null && {
        ...{ scope: granted.scope, org_slug: granted.orgSlug },
        token_expires_at: granted.tokenExpiresAt,
      }),
    })
    .where('decision', 'is', null)
    .executeTakeFirst();
  return row.numUpdatedRows > 0n;
}

/** The sign-in that a secret collects, with the session that approved it; null if there is none, or it has expired. */
export async function clientLoginRead(db: Db, secret: string, now: Date) {
  const row = await db
    .selectFrom('client_logins')
    .select(COLUMNS)
    .where('secret_hash', '=', browserSecretHash(secret))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row ?? null;
}

/** Records that a program has asked. @returns false if it asked a moment ago, too. */
export async function clientLoginPoll(db: Db, id: number, now: Date): Promise<boolean> {
  const row = await rowUpdate(db, id)
    .set({ polled_at: now })
    .where((eb) =>
      eb.or([
        eb('polled_at', 'is', null),
        eb('polled_at', '<=', new Date(now.getTime() - POLL_MS)),
      ]),
    )
    .executeTakeFirst();
  return row.numUpdatedRows > 0n;
}

/** @returns false if somebody else has just deleted it. */
export async function clientLoginDelete(db: Db, id: number): Promise<boolean> {
  const row = await db.deleteFrom('client_logins').where('id', '=', id).executeTakeFirst();
  return row.numDeletedRows > 0n;
}

/** Removes those that have expired. */
export async function clientLoginsPurge(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('client_logins').where('expires_at', '<', now).execute();
}

const rowUpdate = (db: Db, id: number) => db.updateTable('client_logins').where('id', '=', id);

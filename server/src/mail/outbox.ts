import type { Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';
import type { SecretBox } from '../base/secrets.ts';
import { emailIs } from '../users/email.ts';

const HOUR_MS = 3_600_000;
/** After this long the recipient has given up, and the links have expired. */
const GIVEN_UP_AFTER_MS = 24 * HOUR_MS;
const KEPT_MS = 30 * 24 * HOUR_MS;
/** How long a process may take to prepare and send one mail; then another takes over. */
const LEASE_MS = 120_000;
const RETRY_FIRST_MS = 30_000;
const RETRY_MAX_MS = HOUR_MS;

const REQUEST_PURPOSE = 'mail.request';
const CONTENT_PURPOSE = 'mail.content';

/** Events of an account that its owner is notified of. */
export type Notice =
  | 'password_changed'
  | 'password_reset'
  | 'two_factor_on'
  | 'two_factor_off'
  | 'passkey_added'
  | 'passkey_removed'
  | 'email_change'
  | 'token_created';

/**
 * The subject of a mail. Its content, and whether it is sent at all, is determined outside the request, so that the
 * reply takes equally long for known and unknown addresses.
 */
export type MailRequest =
  | { kind: 'sign_up'; secret: string }
  | { kind: 'sign_up_again'; secret: string; browserHash: string | null }
  | { kind: 'password_reset'; secret: string }
  | { kind: 'email_change'; secret: string }
  | { kind: 'invite'; secret: string }
  | { kind: 'invitation'; secret: string; org: string }
  | { kind: 'notice'; notice: Notice };

export interface MailContent {
  subject: string;
  text: string;
}

/** A mail that is due and was claimed by this process. */
export interface DueMail {
  id: number;
  email: string;
  request: MailRequest;
  content: MailContent | null;
  tries: number;
  createdAt: Date;
}

/** Requests a mail, in the transaction that it reports. Its content can't be read from a dump. */
export async function mailRequest(
  db: Db,
  { clock, secrets }: { clock: Clock; secrets: SecretBox },
  email: string,
  request: MailRequest,
): Promise<void> {
  const now = clock.now();
  await db
    .insertInto('mails')
    .values({
      kind: request.kind,
      email,
      request_sealed: secrets.seal(REQUEST_PURPOSE, JSON.stringify(request)),
      content_sealed: null,
      created_at: now,
      due_at: now,
      error: null,
      sent_at: null,
    })
    .execute();
}

/** Claims the mail that has waited longest. If this process dies, another claims it after two minutes. */
export async function mailTake(db: Db, secrets: SecretBox, now: Date): Promise<DueMail | null> {
  const row = await db
    .updateTable('mails')
    .set((eb) => ({
      due_at: new Date(now.getTime() + LEASE_MS),
      tries: eb('tries', '+', 1),
    }))
    .where('id', '=', (eb) =>
      eb
        .selectFrom('mails')
        .select('id')
        .where('due_at', '<=', now)
        .orderBy('due_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returning(['id', 'email', 'request_sealed', 'content_sealed', 'tries', 'created_at'])
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    email: row.email,
    request: JSON.parse(secrets.open(REQUEST_PURPOSE, row.request_sealed)) as MailRequest,
    content: row.content_sealed === null ? null : contentOpen(secrets, row.content_sealed),
    tries: row.tries,
    createdAt: row.created_at,
  };
}

/** Stores the content and recipient of a mail, for the next attempt or for the operator. */
export async function mailContentKeep(
  db: Db,
  secrets: SecretBox,
  id: number,
  { email, subject, text }: MailContent & { email: string },
): Promise<void> {
  const sealed = secrets.seal(CONTENT_PURPOSE, JSON.stringify({ subject, text }));
  const kept = { email, content_sealed: sealed };
  await db.updateTable('mails').set(kept).where('id', '=', id).execute();
}

/** Removes a mail that turned out to have no recipient. */
export async function mailDrop(db: Db, id: number): Promise<void> {
  await db.deleteFrom('mails').where('id', '=', id).execute();
}

/** No mail server is configured: the mail waits for the operator to read it. */
export async function mailKeep(db: Db, id: number): Promise<void> {
  await db.updateTable('mails').set({ due_at: null }).where('id', '=', id).execute();
}

/** The mail was sent: deletes its content. */
export async function mailSent(db: Db, id: number, now: Date): Promise<void> {
  await db
    .updateTable('mails')
    .set({ due_at: null, sent_at: now, content_sealed: null, error: null })
    .where('id', '=', id)
    .execute();
}

/** The mail could not be sent: it is retried with growing delays for a day. */
export async function mailFailed(db: Db, mail: DueMail, error: string, now: Date): Promise<void> {
  const delayMs = Math.min(RETRY_FIRST_MS * 2 ** (mail.tries - 1), RETRY_MAX_MS);
  const isGivenUp = now.getTime() - mail.createdAt.getTime() > GIVEN_UP_AFTER_MS;
  await db
    .updateTable('mails')
    .set({ error, due_at: isGivenUp ? null : new Date(now.getTime() + delayMs) })
    .where('id', '=', mail.id)
    .execute();
}

/** The mail was broken off by a stop, which is not its failure: it is due at once, for another process or the next start. */
export async function mailRelease(db: Db, mail: DueMail, now: Date): Promise<void> {
  await db
    .updateTable('mails')
    .set({ due_at: now, tries: mail.tries - 1 })
    .where('id', '=', mail.id)
    .execute();
}

/** The mail of the last weeks as the operator sees it, oldest first. */
export async function mailList(db: Db, secrets: SecretBox, email: string | null) {
  const rows = await db
    .selectFrom('mails')
    .select(['id', 'email', 'kind', 'created_at', 'due_at', 'sent_at', 'error', 'content_sealed'])
    .$if(email !== null, (query) => query.where(emailIs(email ?? '')))
    .orderBy('id')
    .execute();
  return rows.map(({ content_sealed: sealed, ...row }) =>
    Object.assign(row, { content: sealed === null ? null : contentOpen(secrets, sealed) }),
  );
}

/** Removes expired mail. */
export async function mailsPurge(db: Db, now: Date): Promise<void> {
  const keptSince = new Date(now.getTime() - KEPT_MS);
  await db.deleteFrom('mails').where('created_at', '<', keptSince).execute();
}

function contentOpen(secrets: SecretBox, sealed: Buffer): MailContent {
  return JSON.parse(secrets.open(CONTENT_PURPOSE, sealed)) as MailContent;
}

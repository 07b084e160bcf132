import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { DomainError } from '../base/domain-error.ts';
import { addressGroup } from '../http/address-group.ts';

const WINDOW_MS = 900_000;
const HOUR_MS = 3_600_000;

/** What is counted, and its limits. Counted in the database, so that all processes agree. */
export interface AttemptLimit {
  key: string;
  max: number;
  windowMs: number;
}

/** The limits of one account, in addition to those of the address that attempts come from. */
export interface PersonLimits {
  /** Always counted. */
  fromHere: AttemptLimit[];
  /** Over all addresses together; what `fromHere` refused is not counted. */
  fromAnywhere: AttemptLimit;
}

/** For guessing a password: few per account and address, more for either alone. */
export function signInLimits(email: string, ipAddress: string): PersonLimits {
  const account = subject(email);
  const address = addressGroup(ipAddress);
  return {
    fromHere: [
      { key: `sign-in ${account} ${address}`, max: 10, windowMs: WINDOW_MS },
      { key: `sign-in from ${address}`, max: 50, windowMs: WINDOW_MS },
    ],
    fromAnywhere: { key: `sign-in ${account}`, max: 50, windowMs: WINDOW_MS },
  };
}

/** For guessing a code, which requires the password first. */
export function codeLimits(userId: number): AttemptLimit[] {
  return [{ key: `code ${userId}`, max: 10, windowMs: WINDOW_MS }];
}

/**
 * For guessing within a session: the account's password, or the first code of a new second factor. A stolen session
 * can't lock its owner out of other sessions.
 */
export function sessionLimits(what: 'password' | 'confirm', sessionId: number): AttemptLimit[] {
  return [{ key: `${what} ${sessionId}`, max: 10, windowMs: WINDOW_MS }];
}

/** For entering codes of the command line, of which only a guesser enters many wrong ones. */
export function clientCodeLimits(sessionId: number): AttemptLimit[] {
  return [{ key: `client-code ${sessionId}`, max: 10, windowMs: WINDOW_MS }];
}

/** For beginning sign-ins of the command line, which anyone can. */
export function clientLoginLimits(ipAddress: string): AttemptLimit[] {
  return [{ key: `client-login from ${addressGroup(ipAddress)}`, max: 50, windowMs: WINDOW_MS }];
}

/** For guessing the password of a sign-up by someone who has its link. */
export function signUpLimits(id: number): AttemptLimit[] {
  return [{ key: `sign-up ${id}`, max: 10, windowMs: WINDOW_MS }];
}

/** For links that send someone mail, or that could be guessed. */
export function mailLimits(email: string, ipAddress: string): PersonLimits {
  const account = subject(email);
  const address = addressGroup(ipAddress);
  return {
    fromHere: [
      { key: `mail ${account} ${address}`, max: 10, windowMs: HOUR_MS },
      { key: `mail from ${address}`, max: 50, windowMs: HOUR_MS },
    ],
    fromAnywhere: { key: `mail ${account}`, max: 30, windowMs: HOUR_MS },
  };
}

/** For attempts that name no account: links, passkeys. */
export function addressLimits(ipAddress: string): AttemptLimit[] {
  return [{ key: `try from ${addressGroup(ipAddress)}`, max: 50, windowMs: WINDOW_MS }];
}

/** The address in a form of fixed length, whether it is known or not. */
function subject(email: string): string {
  return hash('sha256', email.toLowerCase(), 'base64url');
}

/**
 * Counts an attempt before it is evaluated, so that parallel attempts can't get around the limit.
 * @throws DomainError after too many; a refused attempt does not prolong the wait.
 */
export async function attemptCount(
  db: Db,
  limits: readonly AttemptLimit[],
  now: Date,
): Promise<void> {
  const refusal = await attemptTry(db, limits, now);
  if (refusal !== null) throw refusal;
}

/** Like `attemptCount`, but returns the refusal instead of throwing it. */
export async function attemptTry(
  db: Db,
  limits: readonly AttemptLimit[],
  now: Date,
): Promise<DomainError | null> {
  const sorted = limits.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const { rows } = await sql<{ key: string; count: number; ends_at: Date }>`
    insert into attempts as known (key, count, ends_at)
    select key, 1, ends_at
    from unnest(
      ${sorted.map(({ key }) => key)}::text[],
      ${sorted.map(({ windowMs }) => new Date(now.getTime() + windowMs))}::timestamptz[]
    ) as asked (key, ends_at)
    on conflict (key) do update set
      count = case when known.ends_at <= ${now} then 1 else known.count + 1 end,
      ends_at = case when known.ends_at <= ${now} then excluded.ends_at else known.ends_at end
    returning key, count, ends_at`.execute(db);
  const limitOf = new Map(limits.map(({ key, max }) => [key, max]));
  const waitsMs = rows
    .filter(({ key, count }) => count > (limitOf.get(key) ?? 0))
    .map((row) => row.ends_at.getTime() - now.getTime());
  return waitsMs.length > 0 ? attemptsRefusal(Math.max(...waitsMs)) : null;
}

/** Reverts what `attemptCount` counted: it was not a guess. Earlier guesses at the same account are forgotten. */
export async function attemptForgive(db: Db, limits: readonly AttemptLimit[]): Promise<void> {
  const keys = limits.map(({ key }) => key);
  await sql`
    update attempts set count = case when key like '% from %' then greatest(count - 1, 0) else 0 end
    where key = any(${keys}::text[])`.execute(db);
}

/** Forgets the guesses at an account's password, because it was changed. */
export async function signInAttemptsForget(db: Db, email: string): Promise<void> {
  const key = `sign-in ${subject(email)}`;
  await sql`delete from attempts where key = ${key} or starts_with(key, ${`${key} `})`.execute(db);
}

/** Removes expired counts. */
export async function attemptsPurge(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('attempts').where('ends_at', '<', now).execute();
}

function attemptsRefusal(waitMs: number): DomainError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const minutes = Math.ceil(seconds / 60);
  return new DomainError(
    'too_many_attempts',
    `Too many tries: wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, then try again.`,
    { retry_after: seconds },
  );
}

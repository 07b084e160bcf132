import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { FastifyRequest } from 'fastify';
import type { Db } from '../db/database.ts';
import { ApiError } from '../errors.ts';
import { addressGroup } from '../http/address-group.ts';

const WINDOW_MS = 900_000;
const HOUR_MS = 3_600_000;

/** What is counted, and how often it may be in its time. Counted in the database, so that all processes agree. */
export interface AttemptLimit {
  key: string;
  max: number;
  windowMs: number;
}

/** What is counted of one account by itself, beside what is counted by where it comes from. */
export interface PersonLimits {
  /** Counted always. */
  fromHere: AttemptLimit[];
  /** Of all addresses together; what `fromHere` has refused does not add to it. */
  fromAnywhere: AttemptLimit;
}

/** For guessing a password: few for one account from one address, more for either alone. */
export function signInLimits(email: string, request: FastifyRequest): PersonLimits {
  const account = subject(email);
  const address = addressGroup(request.ip);
  return {
    fromHere: [
      { key: `sign-in ${account} ${address}`, max: 10, windowMs: WINDOW_MS },
      { key: `sign-in from ${address}`, max: 50, windowMs: WINDOW_MS },
    ],
    fromAnywhere: { key: `sign-in ${account}`, max: 50, windowMs: WINDOW_MS },
  };
}

/** For guessing a code, which takes the password first. */
export function codeLimits(userId: number): AttemptLimit[] {
  return [{ key: `code ${userId}`, max: 10, windowMs: WINDOW_MS }];
}

/**
 * For guessing in a session: the account's password, or the first code of a new second factor. Who has but that session
 * locks its owner out of no other.
 */
export function sessionLimits(what: 'password' | 'confirm', sessionId: number): AttemptLimit[] {
  return [{ key: `${what} ${sessionId}`, max: 10, windowMs: WINDOW_MS }];
}

/** For guessing the password of a sign-up whose link one has. */
export function signUpLimits(id: number): AttemptLimit[] {
  return [{ key: `sign-up ${id}`, max: 10, windowMs: WINDOW_MS }];
}

/** For links by which someone could be sent mail, or that could be guessed. */
export function mailLimits(email: string, request: FastifyRequest): PersonLimits {
  const account = subject(email);
  const address = addressGroup(request.ip);
  return {
    fromHere: [
      { key: `mail ${account} ${address}`, max: 10, windowMs: HOUR_MS },
      { key: `mail from ${address}`, max: 50, windowMs: HOUR_MS },
    ],
    fromAnywhere: { key: `mail ${account}`, max: 30, windowMs: HOUR_MS },
  };
}

/** For what anyone may try without naming an account: links, passkeys. */
export function addressLimits(request: FastifyRequest): AttemptLimit[] {
  return [{ key: `try from ${addressGroup(request.ip)}`, max: 50, windowMs: WINDOW_MS }];
}

/** The address in a form of one length, the same for known and unknown ones. */
function subject(email: string): string {
  return hash('sha256', email.toLowerCase(), 'base64url');
}

/**
 * Counts an attempt before it is looked at, so that many at once are no way around the limit.
 * @throws ApiError 429 when there were too many; one that is refused does not prolong the wait.
 */
export async function attemptCount(
  db: Db,
  limits: readonly AttemptLimit[],
  now: Date,
): Promise<void> {
  const refusal = await attemptTry(db, limits, now);
  if (refusal !== null) throw refusal;
}

/** The same, telling of the refusal instead of throwing it. */
export async function attemptTry(
  db: Db,
  limits: readonly AttemptLimit[],
  now: Date,
): Promise<ApiError | null> {
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

/** Takes back what `attemptCount` counted: it was no guess. Guesses at the same account before it are forgotten. */
export async function attemptForgive(db: Db, limits: readonly AttemptLimit[]): Promise<void> {
  const keys = limits.map(({ key }) => key);
  await sql`
    update attempts set count = case when key like '% from %' then greatest(count - 1, 0) else 0 end
    where key = any(${keys}::text[])`.execute(db);
}

/** Forgets the guesses at an account's password: it is another one now. */
export async function signInAttemptsForget(db: Db, email: string): Promise<void> {
  const key = `sign-in ${subject(email)}`;
  await sql`delete from attempts where key = ${key} or starts_with(key, ${`${key} `})`.execute(db);
}

/** Removes counts that are over. */
export async function attemptsPurge(db: Db, now: Date): Promise<void> {
  await db.deleteFrom('attempts').where('ends_at', '<', now).execute();
}

function attemptsRefusal(waitMs: number): ApiError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const minutes = Math.ceil(seconds / 60);
  return new ApiError(
    'rate_limited',
    `Too many tries: wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}, then try again.`,
    { detail: { retry_after: seconds }, headers: { 'retry-after': String(seconds) } },
  );
}

import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { addressGroup } from '../http/address-group.ts';
import {
  type PersonLimits,
  attemptCount,
  attemptForgive,
  attemptTry,
  mailLimits,
} from './attempts.ts';
import { emailIs } from '../users/email.ts';

type Deps = Pick<ApiDeps, 'db' | 'clock'>;

/** Whose account is tried, and from where. */
interface PersonAttempt {
  email: string;
  request: FastifyRequest;
}

/**
 * Counts a try at someone's account. Those of one address are counted first: who has used up theirs takes nothing
 * from others. Of all addresses together they are counted too, as guesses can come from many; but nobody locks the
 * owner out by that: where they have signed in lately, only the count of their own address matters.
 * @throws ApiError 429 when there were too many.
 */
export async function personAttemptCount(
  { db, clock }: Deps,
  { email, request }: PersonAttempt,
  { fromHere, fromAnywhere }: PersonLimits,
): Promise<void> {
  const now = clock.now();
  await attemptCount(db, fromHere, now);
  const refusal = await attemptTry(db, [fromAnywhere], now);
  if (refusal === null || (await isAtHome(db, email, request.ip))) return;
  throw refusal;
}

/** It was no guess. */
export async function personAttemptForgive(
  { db }: Pick<Deps, 'db'>,
  { fromHere, fromAnywhere }: PersonLimits,
): Promise<void> {
  await attemptForgive(db, [...fromHere, fromAnywhere]);
}

/** Whether someone is, or was lately, signed in to this account from this address. */
async function isAtHome(db: Deps['db'], email: string, address: string): Promise<boolean> {
  const rows = await db
    .selectFrom('sessions as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .select('s.ip_address')
    .distinct()
    .where(emailIs(email, 'u.email'))
    .execute();
  const here = addressGroup(address);
  return rows.some((row) => addressGroup(row.ip_address) === here);
}

/** Counts what could send someone a mail. @throws ApiError 429 when there were too many. */
export async function mailAttemptCount(
  deps: Deps,
  email: string,
  request: FastifyRequest,
): Promise<void> {
  await personAttemptCount(deps, { email, request }, mailLimits(email, request));
}

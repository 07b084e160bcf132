import type { ApiDeps } from '../http/deps.ts';
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

/** The account that is being tried, and from where. */
interface PersonAttempt {
  email: string;
  ipAddress: string;
}

/**
 * Counts an attempt at someone's account. Attempts from one address are counted first, so that an address that has used
 * up its own takes none from others. Attempts from all addresses together are counted too, because guesses can come from
 * many. That can't lock the owner out: where they signed in recently, only the count of their own address applies.
 * @throws DomainError after too many.
 */
export async function personAttemptCount(
  { db, clock }: Deps,
  { email, ipAddress }: PersonAttempt,
  { fromHere, fromAnywhere }: PersonLimits,
): Promise<void> {
  const now = clock.now();
  await attemptCount(db, fromHere, now);
  const refusal = await attemptTry(db, [fromAnywhere], now);
  if (refusal === null || (await isAtHome(db, email, ipAddress))) return;
  throw refusal;
}

/** Uncounts an attempt that turned out not to be a guess. */
export async function personAttemptForgive(
  { db }: Pick<Deps, 'db'>,
  { fromHere, fromAnywhere }: PersonLimits,
): Promise<void> {
  await attemptForgive(db, [...fromHere, fromAnywhere]);
}

/** Whether someone is, or was recently, signed in to this account from this address. */
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

/** Counts a request that could send someone mail. @throws DomainError after too many. */
export async function mailAttemptCount(
  deps: Deps,
  email: string,
  ipAddress: string,
): Promise<void> {
  await personAttemptCount(deps, { email, ipAddress }, mailLimits(email, ipAddress));
}

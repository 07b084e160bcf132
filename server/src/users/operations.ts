import type { Actor } from '../changes/actor.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import * as store from './store.ts';

type Deps = Pick<ChangeDeps, 'clock'>;

/**
 * Creates an account.
 * @param actor the user or operator that creates it; `self` if the request creates the caller's own account.
 * @param input.isVerified whether the address is known to be the person's; default true.
 * @throws DomainError if the address is invalid, or already has an account.
 */
export async function userCreate(
  trx: Trx,
  actor: Actor | { self: Pick<Actor, 'requestId'> },
  input: { email: string; name: string; passwordHash: string; isVerified?: boolean },
  { clock }: Deps,
): Promise<number> {
  const at = clock.now();
  const id = await store.userInsert(trx, { ...input, now: at });
  const by = 'self' in actor ? { ...actor.self, userId: id, tokenId: null } : actor;
  const change = { at, orgId: null, action: 'user.create', objectKind: 'user', objectId: id };
  await changeRecord(trx, by, change);
  return id;
}

/** Refuses every token and session of the account from now on. First waits for the account's writes in progress. */
export async function userDisable(
  trx: Trx,
  actor: Actor,
  userId: number,
  { clock }: Deps,
): Promise<Date> {
  const at = clock.now();
  await store.userRowDisable(trx, userId, at);
  const change = { at, orgId: null, action: 'user.disable', objectKind: 'user', objectId: userId };
  await changeRecord(trx, actor, change);
  return at;
}

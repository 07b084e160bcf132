import type { Config } from '../../base/config.ts';
import { DomainError, InvalidInput, objectMissing } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import { type Db, type Trx, uniqueViolation } from '../../db/database.ts';
import { mailRequest } from '../../mail/outbox.ts';
import { browserSecretHash } from '../../sessions/session-cookie.ts';
import { emailOf } from '../account-store.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';
import { oneTimeCreate, oneTimeDelete, oneTimeHold } from '../one-time.ts';
import {
  type PasskeyCredentialJson,
  challengeRead,
  creationOptions,
  creationVerify,
  requestOptions,
  requestVerify,
} from '../passkey-ceremony.ts';
import * as store from '../passkey-store.ts';

const MAX_PASSKEYS = 20;

type Deps = ChangeDeps & { config: Config };

/** The purpose and the owner of a challenge. */
interface ChallengeOf {
  purpose: 'passkey_sign_in' | 'passkey_proof' | 'passkey_create';
  userId?: number;
  sessionId?: number;
}

/** What the browser needs to create a passkey. @throws DomainError if the person has too many. */
export async function passkeyOptions(trx: Trx, actor: SessionActor, deps: Deps) {
  const { userId, sessionId } = actor;
  const known = await store.passkeysOf(trx, userId);
  if (known.length >= MAX_PASSKEYS) {
    throw new DomainError('limit_reached', `You have ${MAX_PASSKEYS} passkeys: remove one first.`);
  }
  const user = await trx
    .selectFrom('users')
    .select(['id', 'email', 'name'])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  const made = await creationOptions(deps, user, known);
  await challengeKeep(trx, deps, made.challenge, { purpose: 'passkey_create', userId, sessionId });
  return made;
}

/**
 * Adds the passkey that the browser created with the options given to this session.
 * @throws DomainError if it does not fit them, or was added before.
 */
export async function passkeyCreate(
  trx: Trx,
  actor: SessionActor,
  { name, credential }: { name: string; credential: PasskeyCredentialJson },
  deps: Deps,
) {
  const { userId, sessionId } = actor;
  const challenge = challengeRead(credential);
  const now = deps.clock.now();
  const held = await oneTimeHold(trx, deps.secrets, 'passkey_create', challenge, now);
  if (held === null || held.sessionId !== sessionId) throw credentialWrong();
  await oneTimeDelete(trx, held.id);
  const made = await creationVerify(deps.config, credential, challenge);
  if (made === null) throw credentialWrong();
  await noticeGive(trx, userId, 'passkey_added', deps);
  await accountAudit(trx, deps, actor, 'user.passkey_create');
  try {
    return await store.passkeyInsert(trx, userId, name, made, now);
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new DomainError('already_added', 'This passkey has been added already.');
  }
}

/** Removes a passkey of the person. @throws DomainError if they have none with this id. */
export async function passkeyDelete(
  trx: Trx,
  actor: SessionActor,
  { id }: { id: number | null },
  deps: ChangeDeps,
): Promise<void> {
  const { userId } = actor;
  if (id === null || !(await store.passkeyRowDelete(trx, userId, id))) throw objectMissing();
  await noticeGive(trx, userId, 'passkey_removed', deps);
  await accountAudit(trx, deps, actor, 'user.passkey_delete', { detail: { passkey_id: id } });
}

/** What the browser needs to ask for any passkey, to sign in. */
export async function signInPasskeyOptions(db: Db, deps: Deps) {
  const options = await requestOptions(deps, []);
  await challengeKeep(db, deps, options.challenge, { purpose: 'passkey_sign_in' });
  return options;
}

/** What the browser needs to ask for one of the person's passkeys. @throws DomainError if they have none. */
export async function proofPasskeyOptions(trx: Trx, actor: SessionActor, deps: Deps) {
  const { userId, sessionId } = actor;
  const known = await store.passkeysOf(trx, userId);
  if (known.length === 0) {
    throw new DomainError('wrong_state', 'You have no passkey: use your password.');
  }
  const made = await requestOptions(deps, known);
  await challengeKeep(trx, deps, made.challenge, { purpose: 'passkey_proof', userId, sessionId });
  return made;
}

/**
 * Finds the owner of the passkey that answered one of our challenges, and consumes the challenge.
 * @returns the user's id, or null if the answer is invalid.
 */
export async function passkeyProve(
  trx: Trx,
  credential: PasskeyCredentialJson,
  of: ChallengeOf,
  deps: Deps,
): Promise<number | null> {
  const now = deps.clock.now();
  const challenge = challengeRead(credential);
  const held = await oneTimeHold(trx, deps.secrets, of.purpose, challenge, now);
  if (held === null || held.sessionId !== (of.sessionId ?? null)) return null;
  await oneTimeDelete(trx, held.id);
  const passkey = await store.passkeyHold(trx, credential.id);
  if (passkey === null || (of.userId !== undefined && passkey.userId !== of.userId)) return null;
  const counter = await requestVerify(deps.config, credential, challenge, passkey);
  if (counter === null) return null;
  await store.passkeyUsed(trx, passkey.id, counter, now);
  return passkey.userId;
}

async function challengeKeep(
  db: Db,
  deps: ChangeDeps,
  challenge: string,
  of: ChallengeOf,
): Promise<void> {
  const secret = { hash: browserSecretHash(challenge) };
  await oneTimeCreate(db, deps.secrets, { ...of, secret, now: deps.clock.now() });
}

export function credentialWrong(): InvalidInput {
  return new InvalidInput({
    credential: ['This passkey does not fit, or it took too long: try again.'],
  });
}

async function noticeGive(
  trx: Trx,
  userId: number,
  notice: 'passkey_added' | 'passkey_removed',
  deps: ChangeDeps,
): Promise<void> {
  await mailRequest(trx, deps, await emailOf(trx, userId), { kind: 'notice', notice });
}

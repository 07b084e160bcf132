import { uniqueViolation } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, notFound, validationError } from '../errors.ts';
import { type Answer, pathId } from '../http/route.ts';
import { mailRequest } from '../mail/outbox.ts';
import type { AccountCall, SessionCall } from './account-route.ts';
import { emailOf } from './account-store.ts';
import { accountAudit, accountWrite } from './account-write.ts';
import { addressLimits, attemptCount, attemptForgive } from './attempts.ts';
import { oneTimeCreate, oneTimeDelete, oneTimeHold } from './one-time.ts';
import {
  type PasskeyCredentialJson,
  challengeRead,
  creationOptions,
  creationVerify,
  passkeysRequire,
  requestOptions,
  requestVerify,
} from './passkey-ceremony.ts';
import * as store from './passkey-store.ts';
import { sessionBegin } from './session-begin.ts';
import { browserSecretHash } from './session-cookie.ts';
import { personLock, signInAudit } from './sign-in.ts';

const MAX_PASSKEYS = 20;

/** What a challenge is for, and whose it is. */
interface ChallengeOf {
  purpose: 'passkey_sign_in' | 'passkey_proof' | 'passkey_create';
  userId?: number;
  sessionId?: number;
}

export async function passkeyList(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const rows = await store.passkeyList(deps.db, call.session.userId);
  return { status: 200, body: { results: rows.map(passkeyShow) } };
}

export async function passkeyOptions(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId: id, sessionId } = call.session;
  passkeysRequire(deps.config);
  const options = await accountWrite(deps, call, async (trx) => {
    const known = await store.passkeysOf(trx, id);
    if (known.length >= MAX_PASSKEYS) {
      throw new ApiError('conflict', `You have ${MAX_PASSKEYS} passkeys: remove one first.`);
    }
    const user = await trx
      .selectFrom('users')
      .select(['id', 'email', 'name'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    const made = await creationOptions(deps, user, known);
    await challengeKeep(trx, deps, made.challenge, {
      purpose: 'passkey_create',
      userId: id,
      sessionId,
    });
    return made;
  });
  return { status: 200, body: options };
}

/** Adds what the browser made with the options that this very session was given. */
export async function passkeyCreate(
  call: SessionCall<{ name: string; credential: PasskeyCredentialJson }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { userId, sessionId } = call.session;
  const { name, credential } = call.body;
  const challenge = challengeRead(credential);
  const row = await accountWrite(deps, call, async (trx) => {
    const now = deps.clock.now();
    const held = await oneTimeHold(trx, deps.secrets, 'passkey_create', challenge, now);
    if (held === null || held.sessionId !== sessionId) throw credentialWrong();
    await oneTimeDelete(trx, held.id);
    const made = await creationVerify(deps.config, credential, challenge);
    if (made === null) throw credentialWrong();
    await mailRequest(trx, deps, await emailOf(trx, userId), {
      kind: 'notice',
      notice: 'passkey_added',
    });
    const by = { userId, requestId: call.requestId };
    await accountAudit(trx, deps, by, 'user.passkey_create');
    try {
      return await store.passkeyCreate(trx, userId, name, made, now);
    } catch (error) {
      if (uniqueViolation(error) === null) throw error;
      throw new ApiError('conflict', 'This passkey has been added already.');
    }
  });
  deps.mail.notify();
  return { status: 201, body: passkeyShow(row) };
}

export async function passkeyDelete(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId } = call.session;
  const id = pathId(call.params);
  await accountWrite(deps, call, async (trx) => {
    if (id === null || !(await store.passkeyDelete(trx, userId, id))) throw notFound();
    await mailRequest(trx, deps, await emailOf(trx, userId), {
      kind: 'notice',
      notice: 'passkey_removed',
    });
    const by = { userId, requestId: call.requestId };
    await accountAudit(trx, deps, by, 'user.passkey_delete', { detail: { passkey_id: id } });
  });
  deps.mail.notify();
  return { status: 204 };
}

export async function signInPasskeyOptions(call: AccountCall, deps: ApiDeps): Promise<Answer> {
  passkeysRequire(deps.config);
  await attemptCount(deps.db, addressLimits(call.request), deps.clock.now());
  const options = await requestOptions(deps, []);
  await challengeKeep(deps.db, deps, options.challenge, { purpose: 'passkey_sign_in' });
  return { status: 200, body: options };
}

/** Signs someone in by a passkey. */
export async function signInByPasskey(
  call: AccountCall<{ credential: PasskeyCredentialJson }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { db } = deps;
  const { credential } = call.body;
  const limits = addressLimits(call.request);
  await attemptCount(db, limits, deps.clock.now());
  const cookie = await db.transaction().execute(async (trx) => {
    const userId = await passkeyProve(trx, deps, credential, { purpose: 'passkey_sign_in' });
    if (userId === null) return null;
    const person = await personLock(trx, userId);
    if (person.isDisabled) return null;
    await signInAudit(trx, deps, call, userId, 'passkey');
    return sessionBegin(trx, deps, call, userId);
  });
  if (cookie === null) {
    throw new ApiError('authentication_failed', 'This passkey opens no account here.', {
      headers: { 'www-authenticate': 'Session' },
    });
  }
  // The asking for options was counted too.
  await attemptForgive(db, limits);
  await attemptForgive(db, limits);
  return { status: 200, body: {}, headers: { 'set-cookie': cookie } };
}

export async function proofPasskeyOptions(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId, sessionId } = call.session;
  passkeysRequire(deps.config);
  const options = await accountWrite(deps, call, async (trx) => {
    const known = await store.passkeysOf(trx, userId);
    if (known.length === 0) {
      throw new ApiError('conflict', 'You have no passkey: use your password.');
    }
    const made = await requestOptions(deps, known);
    const purpose = 'passkey_proof';
    await challengeKeep(trx, deps, made.challenge, { purpose, userId, sessionId });
    return made;
  });
  return { status: 200, body: options };
}

/**
 * Finds whose passkey answered a challenge of ours, which is then used up.
 * @returns the user's id, or null when nobody's did.
 */
export async function passkeyProve(
  trx: Parameters<typeof accountAudit>[0],
  deps: ApiDeps,
  credential: PasskeyCredentialJson,
  of: ChallengeOf,
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
  db: Parameters<typeof oneTimeCreate>[0],
  deps: ApiDeps,
  challenge: string,
  of: ChallengeOf,
): Promise<void> {
  const secret = { hash: browserSecretHash(challenge) };
  await oneTimeCreate(db, deps.secrets, { ...of, secret, now: deps.clock.now() });
}

export function credentialWrong(): Error {
  return validationError({
    credential: ['This passkey does not fit, or it took too long: try again.'],
  });
}

function passkeyShow(row: Awaited<ReturnType<typeof store.passkeyList>>[number]) {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}

import type { Config } from '../../base/config.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Trx } from '../../db/database.ts';
import type { SessionActor } from '../account-write.ts';
import type { PasskeyCredentialJson } from '../passkey-ceremony.ts';
import { type SessionSecret, sessionRenew } from '../session-begin.ts';
import { codeTake } from '../two-factor-store.ts';
import { passkeyProve } from './passkeys.ts';
import { type ProvenPassword, passwordStillRequire } from './password-prove.ts';
import { codeWrong } from './two-factor.ts';

/**
 * Accepts a password, and a code where two-factor authentication is on, as a proof of identity.
 * @param input.proven the password, verified before the transaction.
 * @throws DomainError if the password was changed meanwhile, or the code is wrong.
 */
export async function reauthenticateByPassword(
  trx: Trx,
  { userId, sessionId, hasTwoFactor }: SessionActor,
  { proven, code }: { proven: ProvenPassword; code: string },
  deps: ChangeDeps,
): Promise<SessionSecret> {
  await passwordStillRequire(trx, userId, proven, 'password');
  if (hasTwoFactor && !(await codeTake(trx, deps, userId, code))) throw codeWrong();
  return sessionRenew(trx, sessionId, true, deps);
}

/**
 * Accepts a passkey as a proof of identity.
 * @returns null if it does not fit. Returned instead of thrown, so that the challenge stays used.
 */
export async function reauthenticateByPasskey(
  trx: Trx,
  { userId, sessionId }: SessionActor,
  { credential }: { credential: PasskeyCredentialJson },
  deps: ChangeDeps & { config: Config },
): Promise<SessionSecret | null> {
  const of = { purpose: 'passkey_proof', userId, sessionId } as const;
  const provenId = await passkeyProve(trx, credential, of, deps);
  return provenId === userId ? sessionRenew(trx, sessionId, true, deps) : null;
}

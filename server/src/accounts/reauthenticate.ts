import type { ApiDeps } from '../deps.ts';
import { type FieldFaults, validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import type { SessionCall } from './account-route.ts';
import { accountWrite } from './account-write.ts';
import { attemptCount, attemptForgive, codeLimits } from './attempts.ts';
import type { PasskeyCredentialJson } from './passkey-ceremony.ts';
import { credentialWrong, passkeyProve } from './passkeys.ts';
import { passwordProve, passwordStillRequire } from './password-prove.ts';
import { sessionRenew } from './session-begin.ts';
import { PROOF_MS } from './session-store.ts';
import { codeTake } from './two-factor-store.ts';
import { codeWrong } from './two-factor.ts';

interface ProofBody {
  password?: string;
  code?: string;
  credential?: PasskeyCredentialJson;
}

/** Either a password, or a passkey. */
export function proofFaults(body: Record<string, unknown>): FieldFaults {
  const { password, code, credential } = body;
  if (credential === undefined && password === undefined) {
    return { password: ['Enter your password, or use a passkey.'] };
  }
  if (credential === undefined || (password === undefined && code === undefined)) return {};
  return { credential: ['Send a passkey alone, or a password.'] };
}

/** Takes a proof that it is the account's owner who sits there. It counts for some minutes. */
export async function reauthenticate(call: SessionCall<ProofBody>, deps: ApiDeps): Promise<Answer> {
  const { credential, password = '', code } = call.body;
  const cookie =
    credential === undefined
      ? await proveByPassword(call, deps, password, code)
      : await proveByPasskey(call, deps, credential);
  const until = new Date(deps.clock.now().getTime() + PROOF_MS);
  return {
    status: 200,
    body: { reauthenticated_until: until.toISOString() },
    headers: { 'set-cookie': cookie },
  };
}

async function proveByPassword(
  call: SessionCall,
  deps: ApiDeps,
  password: string,
  code: string | undefined,
): Promise<string> {
  const { userId, sessionId, hasTwoFactor } = call.session;
  if (hasTwoFactor && code === undefined) {
    throw validationError({ code: ['Enter a code of your authenticator app too.'] });
  }
  const limits = codeLimits(userId);
  const proven = await passwordProve(deps, call, password, 'password');
  if (hasTwoFactor) await attemptCount(deps.db, limits, deps.clock.now());
  const cookie = await accountWrite(deps, call, async (trx, held) => {
    await passwordStillRequire(trx, userId, proven, 'password');
    if (held.hasTwoFactor && !(await codeTake(trx, deps, userId, code ?? ''))) throw codeWrong();
    return sessionRenew(trx, deps, sessionId, true);
  });
  if (hasTwoFactor) await attemptForgive(deps.db, limits);
  return cookie;
}

async function proveByPasskey(
  call: SessionCall,
  deps: ApiDeps,
  credential: PasskeyCredentialJson,
): Promise<string> {
  const { userId, sessionId } = call.session;
  const cookie = await accountWrite(deps, call, async (trx) => {
    const of = { purpose: 'passkey_proof', userId, sessionId } as const;
    const provenId = await passkeyProve(trx, deps, credential, of);
    // Not thrown, so that the challenge stays used.
    return provenId === userId ? sessionRenew(trx, deps, sessionId, true) : null;
  });
  if (cookie === null) throw credentialWrong();
  return cookie;
}

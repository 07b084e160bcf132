import type { Config } from '../../base/config.ts';
import { DomainError, InvalidInput } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import { eventActorApply } from '../../changes/event-actor.ts';
import type { Db, Trx } from '../../db/database.ts';
import type { ApiDeps } from '../../http/deps.ts';
import { mailRequest } from '../../mail/outbox.ts';
import { orgCreate } from '../../orgs/operations.ts';
import { browserSecretCreate } from '../../sessions/session-cookie.ts';
import { userCreate } from '../../users/operations.ts';
import { passwordVerify } from '../../users/password.ts';
import { attemptCount, signUpLimits } from '../attempts.ts';
import { type OneTime, oneTimeCreate, oneTimeDelete, oneTimeHold } from '../one-time.ts';
import { slugChoose } from '../org-slug.ts';
import { type PendingSignUp, signUpOfBrowser } from '../pending-sign-up.ts';
import { type SessionSecret, type Visitor, sessionBegin } from '../session-begin.ts';
import { addressRelease, invitationHold, invitedAccountCreate } from './invitations.ts';
import { linkOver } from './password.ts';
import { signInAudit } from './sign-in.ts';

const PASSWORD_NEEDED =
  'This is not the browser that asked for the account: enter the password that you chose for it.';
const PASSWORD_WRONG =
  'This is not the password that was chosen for this account. If it was not you who asked for it, leave it at that: no account is made.';

type Deps = ChangeDeps & Pick<ApiDeps, 'config' | 'log'>;

/**
 * Accepts a sign-up. The account is created when the link is opened; until then the address is not taken. Whether the
 * address already has an account is looked up when the mail is written.
 */
export async function signUp(
  trx: Trx,
  { email, pending }: { email: string; pending: PendingSignUp },
  deps: ChangeDeps,
): Promise<void> {
  const secret = browserSecretCreate(deps.random);
  const data = JSON.stringify(pending);
  const given = { purpose: 'sign_up', email, secret, data, now: deps.clock.now() } as const;
  await oneTimeCreate(trx, deps.secrets, given);
  await mailRequest(trx, deps, email, { kind: 'sign_up', secret: secret.value });
}

/**
 * Sends the link of a sign-up again.
 * @param input.browserHash the hash of the secret that the browser received when it signed up; null if it has none.
 */
export async function verificationEmailSend(
  db: Db,
  { email, browserHash }: { email: string; browserHash: string | null },
  deps: ChangeDeps,
): Promise<void> {
  const { value: secret } = browserSecretCreate(deps.random);
  await mailRequest(db, deps, email, { kind: 'sign_up_again', secret, browserHash });
}

/**
 * Creates the account of a sign-up and its org, and signs in. Opening the link proves the mailbox; `signUpOwnRequire`
 * must have found that the same person chose the password.
 * @throws DomainError if the link is not valid, sign-up has been closed, or the account can't be created.
 */
export async function emailVerify(
  trx: Trx,
  by: { requestId: string },
  { token, visitor }: { token: string; visitor: Visitor },
  deps: Deps,
): Promise<{ userId: number; session: SessionSecret }> {
  const { held, pending } = await signUpHold(trx, deps, token);
  const userId = await accountCreate(trx, by, { held, pending }, deps);
  const session = await sessionBegin(trx, userId, visitor, deps);
  await signInAudit(trx, { userId, ...by }, 'sign_up', deps);
  return { userId, session };
}

/** @throws DomainError if the link is invalid, or sign-up has been closed. */
async function signUpHold(
  db: Db,
  { config, secrets, clock }: Pick<Deps, 'config' | 'secrets' | 'clock'>,
  token: string,
): Promise<{ held: OneTime; pending: PendingSignUp }> {
  const held = await oneTimeHold(db, secrets, 'sign_up', token, clock.now());
  if (held === null || held.email === null || held.data === null) throw linkOver();
  const pending = JSON.parse(held.data) as PendingSignUp;
  openRequire(config.signup, pending);
  return { held, pending };
}

/**
 * Verifies that the person who opens the link is the one who signed up: by the browser that signed up, and anywhere else
 * only by the password itself. Otherwise, a stranger who signed up with someone's address would get an account that its
 * owner confirmed. Runs outside the transaction that creates the account, because verifying a password takes time.
 * @throws DomainError if they are not, the password is still needed, or there were too many passwords.
 */
export async function signUpOwnRequire(
  db: Db,
  input: { token: string; password: string | undefined; browserHash: string | null },
  deps: Deps,
): Promise<void> {
  const { secrets, clock } = deps;
  const { token, password, browserHash } = input;
  const { held, pending } = await signUpHold(db, deps, token);
  if (browserHash === pending.browserHash) return;
  if (browserHash !== null) {
    const own = await signUpOfBrowser(db, secrets, held.email ?? '', browserHash, clock.now());
    if (own !== null) throw signUpOfOthers();
  }
  if (password === undefined) throw passwordFaultOf(PASSWORD_NEEDED);
  await attemptCount(db, signUpLimits(held.id), clock.now());
  if (!(await passwordVerify(password, pending.passwordHash))) {
    throw passwordFaultOf(PASSWORD_WRONG);
  }
}

async function accountCreate(
  trx: Trx,
  by: { requestId: string },
  { held, pending }: { held: OneTime; pending: PendingSignUp },
  deps: Deps,
): Promise<number> {
  const email = held.email ?? '';
  if (pending.inviteId !== null) await inviteTake(trx, pending.inviteId);
  try {
    const { name, passwordHash: hash, orgName } = pending;
    const person = { email, name, passwordHash: hash };
    if (pending.invitationId !== undefined) {
      const invitation = await invitationHold(trx, pending.invitationId);
      const invited = { ...person, isVerified: true };
      const invitedId = await invitedAccountCreate(trx, by, invited, invitation, deps);
      await oneTimeDelete(trx, held.id);
      return invitedId;
    }
    await addressRelease(trx, by, email, deps);
    const userId = await userCreate(trx, { self: by }, person, deps);
    const slug = await slugChoose(trx, orgName);
    const allowWeakIsolation = deps.config.isolation === 'weak';
    const org = { slug, name: orgName, ownerId: userId, allowWeakIsolation };
    const actor = { ...by, userId, tokenId: null };
    await eventActorApply(trx, actor);
    await orgCreate(trx, actor, org, deps);
    await oneTimeDelete(trx, held.id);
    return userId;
  } catch (error) {
    if (!(error instanceof DomainError) || error.reason === 'invitation_over') throw error;
    deps.log.warn({ why: error.message }, 'a sign-up could not be completed');
    throw new DomainError(
      'sign_up_refused',
      "This account can't be made: either the address has one already, or the operator of this installation has to act first.",
      {},
      { cause: error },
    );
  }
}

/**
 * @returns the id of the invitation used, if any.
 * @throws DomainError if sign-up is closed, or needs an invitation to this address.
 */
export async function inviteRequire(
  db: Db,
  { email, invite }: { email: string; invite: string | undefined },
  { config, secrets, clock }: Pick<Deps, 'config' | 'secrets' | 'clock'>,
): Promise<number | null> {
  if (config.signup === 'closed') throw signUpClosed();
  const found =
    invite === undefined ? null : await oneTimeHold(db, secrets, 'invite', invite, clock.now());
  if (found !== null && found.email?.toLowerCase() === email.toLowerCase()) return found.id;
  if (config.signup === 'open') return null;
  throw new DomainError(
    'not_permitted',
    'Sign-up needs an invitation to this very address: open the link of yours, or ask the operator for one.',
  );
}

async function inviteTake(trx: Trx, id: number): Promise<void> {
  const result = await trx
    .deleteFrom('one_time_tokens')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (result.numDeletedRows === 0n) throw linkOver();
}

/** @throws DomainError if a pending sign-up would not be accepted any more. */
function openRequire(signup: Config['signup'], { inviteId, invitationId }: PendingSignUp): void {
  const isInvited = inviteId !== null || invitationId !== undefined;
  if (signup === 'closed' || (signup === 'invite' && !isInvited)) throw signUpClosed();
}

function signUpClosed(): DomainError {
  return new DomainError(
    'not_permitted',
    'Sign-up is closed here: ask the operator for an account.',
  );
}

function passwordFaultOf(message: string): InvalidInput {
  return new InvalidInput({ password: [message] }, message);
}

function signUpOfOthers(): InvalidInput {
  const message =
    'This link is of another sign-up with your address, maybe of someone else: open the link of the one that you asked for here, or have it sent again.';
  return new InvalidInput({ token: [message] }, message);
}

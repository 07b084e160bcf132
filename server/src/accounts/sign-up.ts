import type { Config } from '../config.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, OperatorError, validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import type { Trx } from '../http/write.ts';
import { mailRequest } from '../mail/outbox.ts';
import { orgCreate } from '../orgs/create.ts';
import { passwordHash } from '../users/password.ts';
import { userCreate } from '../users/store.ts';
import type { AccountCall } from './account-route.ts';
import { accountShow } from './account-store.ts';
import { accountAudit } from './account-write.ts';
import { addressLimits, attemptCount, attemptForgive } from './attempts.ts';
import {
  ONE_TIME_MS,
  type OneTime,
  oneTimeCreate,
  oneTimeDelete,
  oneTimeHold,
} from './one-time.ts';
import { slugChoose } from './org-slug.ts';
import { passwordRulesRequire } from './password-prove.ts';
import { linkOver } from './password.ts';
import { type PendingSignUp, signUpOfBrowser } from './pending-sign-up.ts';
import { mailAttemptCount } from './person-attempts.ts';
import { sessionBegin } from './session-begin.ts';
import {
  browserSecretHash,
  browserSecretMake,
  cookieClear,
  cookieSecretRead,
  cookieSet,
} from './session-cookie.ts';
import { signInAudit } from './sign-in.ts';

interface SignUpBody {
  email: string;
  password: string;
  name: string;
  org_name: string;
  invite?: string;
}

/**
 * Takes a sign-up. The account is made when the link is opened: until then nobody has taken the address. Whether it
 * has an account already is looked up when the mail is made.
 */
export async function signUp(call: AccountCall<SignUpBody>, deps: ApiDeps): Promise<Answer> {
  const { email, password, name, org_name: orgName } = call.body;
  const now = deps.clock.now();
  const inviteId = await inviteRequire(call, deps);
  await mailAttemptCount(deps, email, call.request);
  await passwordRulesRequire(password, [email, name, orgName], 'password');
  const browser = browserSecretMake(deps.random);
  const pending: PendingSignUp = {
    name,
    orgName,
    passwordHash: await passwordHash(password),
    inviteId,
    browserHash: browser.hash.toString('hex'),
  };
  await deps.db.transaction().execute(async (trx) => {
    const secret = browserSecretMake(deps.random);
    const data = JSON.stringify(pending);
    const given = { purpose: 'sign_up', email, secret, data, now } as const;
    await oneTimeCreate(trx, deps.secrets, given);
    await mailRequest(trx, deps, email, { kind: 'sign_up', secret: secret.value });
  });
  deps.mail.notify();
  const maxAge = ONE_TIME_MS.sign_up / 1000;
  const cookie = cookieSet(deps.config, 'sign_up', browser.value, maxAge);
  return { status: 202, body: {}, headers: { 'set-cookie': cookie } };
}

/** Asks for the link of a sign-up again. */
export async function verificationEmailSend(
  call: AccountCall<{ email: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { email } = call.body;
  await mailAttemptCount(deps, email, call.request);
  const { value: secret } = browserSecretMake(deps.random);
  const browserHash = browserHashRead(call, deps);
  await mailRequest(deps.db, deps, email, { kind: 'sign_up_again', secret, browserHash });
  deps.mail.notify();
  return { status: 202, body: {} };
}

/**
 * Makes the account of a sign-up, and its org. Who opens the link has the mailbox; that they chose the password shows
 * only in the browser that signed up, so only there they are signed in.
 */
export async function emailVerify(
  call: AccountCall<{ token: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { config, db, secrets, clock } = deps;
  const limits = addressLimits(call.request);
  await attemptCount(db, limits, clock.now());
  const answer = await db.transaction().execute(async (trx) => {
    const held = await oneTimeHold(trx, secrets, 'sign_up', call.body.token, clock.now());
    if (held === null || held.email === null || held.data === null) throw linkOver();
    const pending = JSON.parse(held.data) as PendingSignUp;
    openRequire(config.signup, pending);
    const browserHash = browserHashRead(call, deps);
    const isSameBrowser = browserHash === pending.browserHash;
    if (!isSameBrowser && browserHash !== null) {
      const own = await signUpOfBrowser(trx, secrets, held.email, browserHash, clock.now());
      if (own !== null) throw signUpOfOthers();
    }
    const userId = await accountMake(trx, deps, call, held, pending);
    if (!isSameBrowser) return { status: 200, body: await accountShow(deps, trx, userId, null) };
    const cookie = await sessionBegin(trx, deps, call, userId);
    await signInAudit(trx, deps, call, userId, 'sign_up');
    const body = await accountShow(deps, trx, userId, { provenAt: clock.now() });
    const cookies = [cookie, cookieClear(config, 'sign_up')];
    return { status: 200, body, headers: { 'set-cookie': cookies } };
  });
  await attemptForgive(db, limits);
  return answer;
}

async function accountMake(
  trx: Trx,
  deps: ApiDeps,
  call: AccountCall,
  held: OneTime,
  pending: PendingSignUp,
): Promise<number> {
  const now = deps.clock.now();
  const email = held.email ?? '';
  if (pending.inviteId !== null) await inviteTake(trx, pending.inviteId);
  try {
    const { name, passwordHash: hash, orgName } = pending;
    const userId = await userCreate(trx, { email, name, passwordHash: hash, now });
    const slug = await slugChoose(trx, orgName);
    const allowWeakIsolation = deps.config.isolation === 'weak';
    const given = { slug, name: orgName, ownerId: userId, now, allowWeakIsolation };
    const orgId = await orgCreate(trx, given);
    await oneTimeDelete(trx, held.id);
    const by = { userId, requestId: call.requestId };
    await accountAudit(trx, deps, by, 'user.create');
    await accountAudit(trx, deps, by, 'org.create', { kind: 'org', id: orgId, orgId });
    return userId;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    deps.log.warn({ why: error.message }, 'a sign-up could not be completed');
    throw new ApiError(
      'conflict',
      "This account can't be made: either the address has one already, or the operator of this installation has to act first.",
      { cause: error },
    );
  }
}

/**
 * @returns the id of the invitation that was shown, if any.
 * @throws ApiError 403 when nobody, or nobody without an invitation to this address, may sign up.
 */
async function inviteRequire(
  call: AccountCall<SignUpBody>,
  { config, db, secrets, clock }: ApiDeps,
): Promise<number | null> {
  if (config.signup === 'closed') throw signUpClosed();
  const { email, invite } = call.body;
  const found =
    invite === undefined ? null : await oneTimeHold(db, secrets, 'invite', invite, clock.now());
  if (found !== null && found.email?.toLowerCase() === email.toLowerCase()) return found.id;
  if (config.signup === 'open') return null;
  throw new ApiError(
    'permission_denied',
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

/** @throws ApiError 403 when a sign-up that was begun could not be begun any more. */
function openRequire(signup: Config['signup'], { inviteId }: PendingSignUp): void {
  if (signup === 'closed' || (signup === 'invite' && inviteId === null)) throw signUpClosed();
}

/** What is kept of the secret that this browser was given when it asked for an account; null if it has none. */
function browserHashRead(call: AccountCall, { config }: Pick<ApiDeps, 'config'>): string | null {
  const secret = cookieSecretRead(config, 'sign_up', call.request.headers.cookie);
  return secret === null ? null : browserSecretHash(secret).toString('hex');
}

function signUpClosed(): ApiError {
  return new ApiError(
    'permission_denied',
    'Sign-up is closed here: ask the operator for an account.',
  );
}

function signUpOfOthers(): Error {
  const message =
    'This link is of another sign-up with your address, maybe of someone else: open the link of the one that you asked for here, or have it sent again.';
  return validationError({ token: [message] }, message);
}

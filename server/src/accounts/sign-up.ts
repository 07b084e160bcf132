import type { Config } from '../config.ts';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, OperatorError, validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import type { Trx } from '../http/write.ts';
import { mailRequest } from '../mail/outbox.ts';
import { orgCreate } from '../orgs/create.ts';
import { passwordHash, passwordVerify } from '../users/password.ts';
import { userCreate } from '../users/store.ts';
import type { AccountCall } from './account-route.ts';
import { accountShow } from './account-store.ts';
import { accountAudit } from './account-write.ts';
import { addressLimits, attemptCount, attemptForgive, signUpLimits } from './attempts.ts';
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

const PASSWORD_NEEDED =
  'This is not the browser that asked for the account: enter the password that you chose for it.';
const PASSWORD_WRONG =
  'This is not the password that was chosen for this account. If it was not you who asked for it, leave it at that: no account is made.';

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
  // Before it is counted: a password that is refused sends no mail.
  await passwordRulesRequire(password, [email, name, orgName], 'password');
  await mailAttemptCount(deps, email, call.request);
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
 * Makes the account of a sign-up, and its org, and signs in. Who opens the link has the mailbox; that they also chose
 * the password shows by the browser that signed up, and anywhere else only by the password itself: or a stranger who
 * signed up with their address would have an account that they confirmed.
 */
export async function emailVerify(
  call: AccountCall<{ token: string; password?: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { config, db, clock } = deps;
  const limits = addressLimits(call.request);
  await attemptCount(db, limits, clock.now());
  await signUpOwnRequire(call, deps);
  const answer = await db.transaction().execute(async (trx) => {
    const { held, pending } = await signUpHold(trx, deps, call.body.token);
    const userId = await accountMake(trx, deps, call, held, pending);
    const cookie = await sessionBegin(trx, deps, call, userId);
    await signInAudit(trx, deps, call, userId, 'sign_up');
    const body = await accountShow(deps, trx, userId, { provenAt: clock.now() });
    const cookies = [cookie, cookieClear(config, 'sign_up')];
    return { status: 200, body, headers: { 'set-cookie': cookies } };
  });
  await attemptForgive(db, limits);
  return answer;
}

/** @throws ApiError 400 when the link is worth nothing; 403 when nobody may sign up any more. */
async function signUpHold(
  db: Db,
  { config, secrets, clock }: ApiDeps,
  token: string,
): Promise<{ held: OneTime; pending: PendingSignUp }> {
  const held = await oneTimeHold(db, secrets, 'sign_up', token, clock.now());
  if (held === null || held.email === null || held.data === null) throw linkOver();
  const pending = JSON.parse(held.data) as PendingSignUp;
  openRequire(config.signup, pending);
  return { held, pending };
}

/**
 * Makes sure that whoever opens the link is who signed up. Apart from the transaction that makes the account: a
 * password takes its time.
 * @throws ApiError 400 when they are not, or it has to be shown yet; 429 after too many passwords.
 */
async function signUpOwnRequire(
  call: AccountCall<{ token: string; password?: string }>,
  deps: ApiDeps,
): Promise<void> {
  const { db, secrets, clock } = deps;
  const { token, password } = call.body;
  const { held, pending } = await signUpHold(db, deps, token);
  const browserHash = browserHashRead(call, deps);
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

function passwordFaultOf(message: string): Error {
  return validationError({ password: [message] }, message);
}

function signUpOfOthers(): Error {
  const message =
    'This link is of another sign-up with your address, maybe of someone else: open the link of the one that you asked for here, or have it sent again.';
  return validationError({ token: [message] }, message);
}

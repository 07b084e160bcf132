import { DomainError } from '../../base/domain-error.ts';
import type { ApiDeps } from '../../http/deps.ts';
import type { Answer } from '../../http/route.ts';
import { invitationOpenRequire } from '../../invitations/operations.ts';
import { type LinkedInvitation, invitationState } from '../../invitations/store.ts';
import { orgLock } from '../../orgs/store.ts';
import { browserSecretCreate, cookieSet } from '../../sessions/session-cookie.ts';
import { passwordHash } from '../../users/password.ts';
import {
  type AccountCall,
  type AccountRoute,
  openRouteDefine,
  sessionRouteDefine,
} from '../account-route.ts';
import { accountWrite } from '../account-write.ts';
import { addressLimits, attemptCount, attemptForgive } from '../attempts.ts';
import { ONE_TIME_MS } from '../one-time.ts';
import * as operations from '../operations/invitations.ts';
import { passwordRulesRequire } from '../operations/password-prove.ts';
import { signUp } from '../operations/sign-up.ts';
import { mailAttemptCount } from '../person-attempts.ts';
import {
  InvitationAccepted,
  InvitationLink,
  InvitationShown,
  InvitationSignUp,
} from '../invitation-schema.ts';
import { sessionCookie, visitorOf } from './visitor.ts';

const TAG = 'Invitations';
const TOKEN = 'uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM';

const invitationShow = openRouteDefine({
  operationId: 'invitationShow',
  method: 'POST',
  path: '/invitations/show/',
  tag: TAG,
  summary: 'Read what a link invites to',
  description:
    'Who invited whom to which role in which org, and until when. Changes nothing: accepting is a request of its own. Whether the address has an account is not disclosed.',
  body: InvitationLink,
  example: { token: TOKEN },
  success: { status: 200, description: 'The invitation.', schema: InvitationShown },
  errors: ['not_found'],
  async handle(call, deps) {
    const invitation = await linkTry(call, deps);
    return { status: 200, body: shown(invitation, deps) };
  },
});

const invitationAccept = sessionRouteDefine({
  operationId: 'invitationAccept',
  method: 'POST',
  path: '/invitations/accept/',
  tag: TAG,
  summary: 'Accept an invitation',
  description:
    'Makes you a member of the org. Your address must be the invited one; if it is not verified yet, a mail is sent instead, and its link verifies it.',
  body: InvitationLink,
  example: { token: TOKEN },
  success: {
    status: 200,
    description: 'You are in the org, or a mail is on its way.',
    schema: InvitationAccepted,
  },
  errors: ['not_found', 'conflict'],
  async handle(call, deps) {
    const { org_id: orgId } = await linkTry(call, deps);
    const body = await accountWrite(
      deps,
      call,
      (trx, actor) => operations.invitationAccept(trx, actor, call.body, deps),
      async (trx) => void (await orgLock(trx, orgId)),
    );
    deps.mail.notify();
    return { status: 200, body };
  },
});

const invitationSignUp = openRouteDefine({
  operationId: 'invitationSignUp',
  method: 'POST',
  path: '/invitations/sign-up/',
  tag: TAG,
  summary: 'Accept an invitation with a new account',
  description:
    'Creates an account with the invited address, and signs in. Where the link does not prove the address and mail is sent, the account is created by the link in a mail instead, and the answer is the same whether or not the address has an account.',
  body: InvitationSignUp,
  example: { token: TOKEN, name: 'Grace', password: 'a long sentence of mine' },
  success: {
    status: 200,
    description: 'The account has been created and is in the org, or a mail is on its way.',
    schema: InvitationAccepted,
  },
  errors: ['not_found', 'conflict'],
  async handle(call, deps) {
    const { config, db, clock } = deps;
    const { token, name, password } = call.body;
    if (config.signup === 'closed') throw signUpClosed();
    const invitation = await linkTry(call, deps);
    const { email, org_id: orgId } = invitation;
    invitationOpenRequire(invitation, clock.now());
    await passwordRulesRequire(password, [email, name], 'password');
    if (config.smtpUrl !== null && !invitation.isMailed) return proofSend(call, invitation, deps);
    const person = { name, passwordHash: await passwordHash(password) };
    const input = { token, orgId, ...person, visitor: visitorOf(call, config) };
    const by = { requestId: call.requestId };
    const { session, ...body } = await db
      .transaction()
      .execute((trx) => operations.invitationSignUp(trx, by, input, deps));
    return { status: 200, body, headers: { 'set-cookie': sessionCookie(config, session) } };
  },
});

export const invitationRoutes: readonly AccountRoute[] = [
  invitationShow,
  invitationAccept,
  invitationSignUp,
];

/** Keeps the sign-up until the address is proved by a mail, whose link makes the account and accepts the invitation. */
async function proofSend(
  { body, request }: AccountCall<{ name: string; password: string }>,
  { email, id, org_slug: org }: LinkedInvitation,
  deps: ApiDeps,
): Promise<Answer> {
  await mailAttemptCount(deps, email, request.ip);
  const browser = browserSecretCreate(deps.random);
  const pending = {
    name: body.name,
    orgName: '',
    passwordHash: await passwordHash(body.password),
    inviteId: null,
    invitationId: id,
    browserHash: browser.hash.toString('hex'),
  };
  await deps.db.transaction().execute((trx) => signUp(trx, { email, pending }, deps));
  deps.mail.notify();
  const cookie = cookieSet(deps.config, 'sign_up', browser.value, ONE_TIME_MS.sign_up / 1000);
  return { status: 200, body: { mail_sent: true, org }, headers: { 'set-cookie': cookie } };
}

/** Finds the invitation of a link. A link that leads to none counts as a guess. */
async function linkTry(
  { body, request }: AccountCall<{ token: string }>,
  { db, clock }: ApiDeps,
): Promise<LinkedInvitation> {
  const limits = addressLimits(request.ip);
  await attemptCount(db, limits, clock.now());
  const invitation = await operations.linkOpen(db, body.token);
  await attemptForgive(db, limits);
  return invitation;
}

function shown(invitation: LinkedInvitation, { config, clock }: ApiDeps) {
  const { inviter_email: email, inviter_name: name } = invitation;
  return {
    state: invitationState(invitation, clock.now()),
    org: { slug: invitation.org_slug, name: invitation.org_name },
    email: invitation.email,
    role: invitation.role,
    inviter: email === null ? null : { email, name: name ?? '' },
    expires_at: invitation.expires_at.toISOString(),
    sign_up: config.signup !== 'closed',
    proof: config.smtpUrl !== null && !invitation.isMailed ? 'mail' : 'none',
  };
}

function signUpClosed(): DomainError {
  return new DomainError(
    'not_permitted',
    'Sign-up is closed here: only people who have an account can accept. Ask the operator for one.',
  );
}

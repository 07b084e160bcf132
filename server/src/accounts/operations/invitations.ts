import { sql } from 'kysely';
import { DomainError, objectMissing } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import { eventActorApply } from '../../changes/event-actor.ts';
import { changeRecord } from '../../changes/record.ts';
import type { Db, Trx } from '../../db/database.ts';
import type { ApiDeps } from '../../http/deps.ts';
import {
  invitationRedeem,
  invitationOpenRequire,
  invitationProofSend,
} from '../../invitations/operations.ts';
import {
  type LinkedInvitation,
  invitationOfId,
  invitationOfLink,
} from '../../invitations/store.ts';
import { orgLock } from '../../orgs/store.ts';
import { browserSecretHash } from '../../sessions/session-cookie.ts';
import { emailIs } from '../../users/email.ts';
import { userCreate } from '../../users/operations.ts';
import type { SessionActor } from '../account-write.ts';
import { type SessionSecret, type Visitor, sessionBegin } from '../session-begin.ts';
import { signInAudit } from './sign-in.ts';

type Deps = ChangeDeps & Pick<ApiDeps, 'config'>;

/** What came of accepting: the org that was joined, or that a mail is on its way whose link does it. */
export interface Acceptance {
  org: string;
  mail_sent: boolean;
}

/** @throws DomainError if no invitation has this link. */
export async function linkOpen(db: Db, token: string): Promise<LinkedInvitation> {
  const invitation = await invitationOfLink(db, browserSecretHash(token));
  if (invitation === null) throw objectMissing();
  return invitation;
}

/**
 * Accepts an invitation as the person who is signed in, whose address must be the invited one. Where mail is sent, an
 * address that nobody has proved yet is proved by the mailed link first. The org's lock must be held.
 */
export async function invitationAccept(
  trx: Trx,
  actor: SessionActor,
  { token }: { token: string },
  deps: Deps,
): Promise<Acceptance> {
  const { userId } = actor;
  const invitation = await linkOpen(trx, token);
  const person = await trx
    .selectFrom('users')
    .select(['email', 'email_verified as isVerified', emailIs(invitation.email).as('isInvited')])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  if (!person.isInvited) throw otherAddress(person.email, invitation.email);
  invitationOpenRequire(invitation, deps.clock.now());
  if (deps.config.smtpUrl !== null && !person.isVerified) {
    if (!invitation.isMailed) {
      await invitationProofSend(trx, invitation, deps);
      return { org: invitation.org_slug, mail_sent: true };
    }
    await trx.updateTable('users').set({ email_verified: true }).where('id', '=', userId).execute();
  }
  await invitationRedeem(trx, actor, invitation, deps);
  return { org: invitation.org_slug, mail_sent: false };
}

/**
 * Makes an account by an invitation whose link proves the address or, where no mail is sent, does not; accepts the
 * invitation, and signs in.
 */
export async function invitationSignUp(
  trx: Trx,
  by: { requestId: string },
  input: { token: string; orgId: number; name: string; passwordHash: string; visitor: Visitor },
  deps: Deps,
): Promise<Acceptance & { session: SessionSecret }> {
  await orgLock(trx, input.orgId);
  const invitation = await linkOpen(trx, input.token);
  invitationOpenRequire(invitation, deps.clock.now());
  const isProved = deps.config.smtpUrl !== null && invitation.isMailed;
  const { name, passwordHash } = input;
  const person = { email: invitation.email, name, passwordHash, isVerified: isProved };
  const userId = await invitedAccountCreate(trx, by, person, invitation, deps);
  const session = await sessionBegin(trx, userId, input.visitor, deps);
  await signInAudit(trx, { userId, ...by }, 'sign_up', deps);
  return { org: invitation.org_slug, mail_sent: false, session };
}

/**
 * Creates an account without an org of its own, and accepts an invitation with it. The org's lock must be held.
 * @throws DomainError if the address has an account, or the invitation can't be accepted any more.
 */
export async function invitedAccountCreate(
  trx: Trx,
  by: { requestId: string },
  person: { email: string; name: string; passwordHash: string; isVerified: boolean },
  invitation: LinkedInvitation,
  deps: Pick<ChangeDeps, 'clock'>,
): Promise<number> {
  if (person.isVerified) await addressRelease(trx, by, person.email, deps);
  const userId = await userCreate(trx, { self: by }, person, deps);
  const actor = { ...by, userId, tokenId: null };
  await eventActorApply(trx, actor);
  await invitationRedeem(trx, actor, invitation, deps);
  return userId;
}

/** The invitation that a sign-up began with, under the lock of its org. @throws DomainError if it is gone. */
export async function invitationHold(trx: Trx, id: number): Promise<LinkedInvitation> {
  const found = await invitationOfId(trx, id);
  if (found === null) throw objectMissing();
  await orgLock(trx, found.org_id);
  return (await invitationOfId(trx, id)) ?? found;
}

/**
 * Takes an address from an account that never proved it, for someone who has just proved it by mail. The account stays
 * in its org, with an address that receives nothing.
 */
export async function addressRelease(
  trx: Trx,
  { requestId }: { requestId: string },
  email: string,
  { clock }: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  const rows = await trx
    .updateTable('users')
    .set({ email: sql<string>`'unproved-' || id || '@invalid.invalid'` })
    .where(emailIs(email))
    .where('email_verified', '=', false)
    .returning('id')
    .execute();
  for (const { id } of rows) {
    const change = { action: 'user.address_lost', objectKind: 'user', objectId: id };
    const by = { userId: null, tokenId: null, requestId };
    await changeRecord(trx, by, { at: clock.now(), orgId: null, ...change });
  }
}

function otherAddress(own: string, invited: string): DomainError {
  return new DomainError(
    'other_address',
    `This invitation is for ${invited}, and you are signed in as ${own}: sign out, and open the link again.`,
    { signed_in_as: own, invited },
  );
}

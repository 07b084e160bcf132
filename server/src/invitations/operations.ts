import { DomainError, objectMissing } from '../base/domain-error.ts';
import type { Actor, OrgActor } from '../changes/actor.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { InvitedRole } from '../db/types.ts';
import { mailRequest } from '../mail/outbox.ts';
import { memberAdd } from '../members/operations.ts';
import { type BrowserSecret, browserSecretCreate } from '../sessions/session-cookie.ts';
import { addressRequire } from '../users/store.ts';
import * as store from './store.ts';

// The caller must hold the lock of the org. Each throws DomainError.

const HOUR_MS = 3_600_000;
/** Mail to one address, whoever invites. */
const MAILS_PER_ADDRESS = 10;
/** Invitations of one org. */
const INVITATIONS_PER_ORG = 100;

/** An invitation and the secret of the link that is shown to whoever invites. */
export interface MadeInvitation {
  row: store.InvitationRow;
  secret: string;
}

/** Invites someone to the actor's org, and mails them a link. */
export async function invitationCreate(
  trx: Trx,
  actor: OrgActor,
  { email, role }: { email: string; role: InvitedRole },
  deps: ChangeDeps,
): Promise<MadeInvitation> {
  const { org } = actor;
  const at = deps.clock.now();
  addressRequire(email);
  const obstacles = await obstaclesOf(trx, org.id, email, at);
  addressFreeRequire(email, obstacles);
  mailRoomRequire(obstacles);
  const secrets = linksCreate(deps);
  const input = { orgId: org.id, email, role, invitedBy: actor.userId };
  const row = await store.invitationInsert(trx, input, hashesOf(secrets), at);
  await mailRequest(trx, deps, email, invitationMail(org.slug, secrets));
  await invitationRecord(trx, actor, 'invitation.create', row, at);
  return { row, secret: secrets.link.value };
}

/** Gives an invitation new links, seven more days, and mails it again. The old links end. */
export async function invitationResend(
  trx: Trx,
  actor: OrgActor,
  { id }: { id: number },
  deps: ChangeDeps,
): Promise<MadeInvitation> {
  const { org } = actor;
  const at = deps.clock.now();
  const held = await store.invitationRead(trx, [org.id], id);
  if (held === null) throw objectMissing();
  if (held.accepted_at !== null) throw accepted();
  const obstacles = await obstaclesOf(trx, org.id, held.email, at, id);
  addressFreeRequire(held.email, obstacles);
  mailRoomRequire(obstacles);
  const secrets = linksCreate(deps);
  const row = await store.invitationRowRenew(trx, id, hashesOf(secrets), at);
  await mailRequest(trx, deps, row.email, invitationMail(org.slug, secrets));
  await invitationRecord(trx, actor, 'invitation.resend', row, at);
  return { row, secret: secrets.link.value };
}

/** Revokes an invitation: its links end. Of an accepted one only the record goes; the member stays. */
export async function invitationDelete(
  trx: Trx,
  actor: OrgActor,
  {
    id,
    precondition,
  }: { id: number; precondition?(version: { generation: number; revision: number }): void },
  { clock }: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  const row = await store.invitationRead(trx, [actor.org.id], id);
  if (row === null) throw objectMissing();
  precondition?.(store.invitationVersion(row));
  const at = clock.now();
  await store.invitationRowRevoke(trx, id, at);
  await invitationRecord(trx, actor, 'invitation.delete', row, at);
}

/** @throws DomainError if an invitation can't be accepted any more, or not now. */
export function invitationOpenRequire(invitation: store.LinkedInvitation, now: Date): void {
  const state = store.invitationState(invitation, now);
  if (state !== 'open') throw OVER[state]();
  if (invitation.org_status === 'active') return;
  throw new DomainError(
    'not_permitted',
    'This org is suspended by the operator: nobody can join it now.',
  );
}

/** Makes a user a member by an invitation that they hold the link of. */
export async function invitationRedeem(
  trx: Trx,
  actor: Actor & { userId: number },
  invitation: store.LinkedInvitation,
  { clock }: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  const at = clock.now();
  invitationOpenRequire(invitation, at);
  const { id, org_id: orgId, role } = invitation;
  await memberAdd(trx, actor, { orgId, userId: actor.userId, role }, { clock });
  await store.invitationRowAccept(trx, id, at);
  await invitationRecord(trx, actor, 'invitation.accept', invitation, at);
}

/** Mails the link that proves the mailbox, again. The link that whoever invited has goes on. */
export async function invitationProofSend(
  trx: Trx,
  invitation: store.LinkedInvitation,
  deps: ChangeDeps,
): Promise<void> {
  const { id, email, org_id: orgId, org_slug: org } = invitation;
  mailRoomRequire(await obstaclesOf(trx, orgId, email, deps.clock.now()));
  const secrets = linksCreate(deps);
  await store.invitationMailRenew(trx, id, secrets.mail.hash);
  await mailRequest(trx, deps, email, invitationMail(org, secrets));
}

const accepted = () =>
  new DomainError('invitation_over', 'This invitation was accepted: its link works once.', {
    state: 'accepted',
  });

/** Why an invitation can't be accepted any more. */
const OVER: Readonly<Record<Exclude<store.InvitationState, 'open'>, () => DomainError>> = {
  accepted,
  revoked: () =>
    new DomainError(
      'invitation_over',
      'This invitation was revoked: ask whoever invited you for another one.',
      { state: 'revoked' },
    ),
  expired: () =>
    new DomainError(
      'invitation_over',
      'This invitation has expired: ask whoever invited you to send it again.',
      { state: 'expired' },
    ),
};

function obstaclesOf(
  trx: Trx,
  orgId: number,
  email: string,
  now: Date,
  except = 0,
): Promise<store.Obstacles> {
  const since = new Date(now.getTime() - HOUR_MS);
  return store.invitationObstacles(trx, { orgId, email, except }, now, since);
}

function addressFreeRequire(email: string, { isMember, pending }: store.Obstacles): void {
  if (isMember) {
    throw new DomainError('already_member', `${email} is a member of this org already.`, { email });
  }
  if (pending === null) return;
  throw new DomainError(
    'already_invited',
    `${email} has an invitation to this org already: send that one again, or revoke it first.`,
    { invitation: pending },
  );
}

/** Nobody can be flooded with mail, and no org can send it to everyone. */
function mailRoomRequire({ mailed, made }: store.Obstacles): void {
  if (mailed < MAILS_PER_ADDRESS && made < INVITATIONS_PER_ORG) return;
  throw new DomainError(
    'too_many_attempts',
    'Too many invitations within an hour, of this org or to this address: wait, then try again.',
    { retry_after: HOUR_MS / 1000 },
  );
}

interface LinkSecrets {
  link: BrowserSecret;
  mail: BrowserSecret;
}

function linksCreate({ random }: Pick<ChangeDeps, 'random'>): LinkSecrets {
  return { link: browserSecretCreate(random), mail: browserSecretCreate(random) };
}

function hashesOf({ link, mail }: LinkSecrets): store.LinkHashes {
  return { link: link.hash, mail: mail.hash };
}

function invitationMail(org: string, { mail }: LinkSecrets) {
  return { kind: 'invitation', secret: mail.value, org } as const;
}

async function invitationRecord(
  trx: Trx,
  actor: Actor,
  action: string,
  { id, org_id: orgId, email, role }: store.InvitationRow,
  at: Date,
): Promise<void> {
  const object = { objectKind: 'invitation', objectId: id };
  await changeRecord(trx, actor, { at, orgId, action, ...object, detail: { email, role } });
}

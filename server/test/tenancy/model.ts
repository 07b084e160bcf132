/**
 * What the tenancy of an installation should be after each action, computed without a database, and the status that
 * each action should be answered with.
 */
import type { InvitedRole, Role } from '../../src/db/types.ts';

const HOUR_MS = 3_600_000;
const VALID_MS = 7 * 24 * HOUR_MS;
const MAILS_PER_HOUR = 10;
const RANK: Record<Role, number> = { member: 1, admin: 2, owner: 3 };

/** Something that a person does. People, orgs and invitations are named by their place in the model. */
export type Action =
  | { kind: 'role'; by: number; org: number; target: number; role: Role }
  | { kind: 'remove'; by: number; org: number; target: number }
  | { kind: 'invite'; by: number; org: number; target: number; role: InvitedRole }
  | { kind: 'resend'; by: number; org: number; invitation: number }
  | { kind: 'revoke'; by: number; org: number; invitation: number }
  /** By the present link, or by the one that it had at first. */
  | { kind: 'accept'; by: number; invitation: number; link: 'present' | 'first' }
  | { kind: 'disable'; by: number }
  | { kind: 'leaveService'; by: number }
  | { kind: 'wait'; ms: number };

interface PersonModel {
  state: 'active' | 'disabled' | 'gone';
  /** When invitations were mailed to them. */
  mailedAt: number[];
}

interface OrgModel {
  isGone: boolean;
  roles: Map<number, Role>;
  /** Who has ever been a member. */
  known: Set<number>;
}

interface InvitationModel {
  org: number;
  target: number;
  role: InvitedRole;
  expiresAt: number;
  state: 'open' | 'accepted' | 'revoked';
  resends: number;
}

export interface Model {
  now: number;
  people: PersonModel[];
  orgs: OrgModel[];
  invitations: InvitationModel[];
}

/** @param orgs the roles of each org's members, by person. */
export function modelCreate(
  people: number,
  orgs: readonly Readonly<Record<number, Role>>[],
): Model {
  return {
    now: 0,
    people: Array.from({ length: people }, () => ({ state: 'active', mailedAt: [] })),
    orgs: orgs.map((members) => {
      const roles = new Map(
        Object.entries(members).map(([person, role]) => [Number(person), role]),
      );
      return { isGone: false, roles, known: new Set(roles.keys()) };
    }),
    invitations: [],
  };
}

/** Whether the action names things that exist or have existed. */
export function isPossible(model: Model, action: Action): boolean {
  if (action.kind === 'wait') return true;
  // Their sessions and tokens went with them.
  if (model.people[action.by]?.state === 'gone') return false;
  if (action.kind === 'role' || action.kind === 'remove') {
    return model.orgs[action.org]?.known.has(action.target) === true;
  }
  if ('invitation' in action) return model.invitations[action.invitation] !== undefined;
  return true;
}

/**
 * Makes an action concern what there is: an invitation's number goes round, and `isOwn` has the one whom it concerns act
 * in its org, so that actions often succeed.
 */
export function aim(model: Model, action: Action, isOwn: boolean): Action {
  if (!('invitation' in action) || model.invitations.length === 0) return action;
  const invitation = action.invitation % model.invitations.length;
  if (!isOwn) return { ...action, invitation };
  const { org, target } = at(model.invitations, invitation);
  if (action.kind === 'accept') return { ...action, invitation, by: target };
  const [by = action.by] =
    [...at(model.orgs, org).roles].find(([, role]) => role !== 'member') ?? [];
  return { ...action, invitation, org, by };
}

/** Does an action if it is allowed. @returns the status of its reply. */
export function act(model: Model, action: Action): number {
  if (action.kind === 'wait') {
    model.now += action.ms;
    return 204;
  }
  const person = at(model.people, action.by);
  if (action.kind === 'disable') {
    person.state = 'disabled';
    return 204;
  }
  if (person.state !== 'active') return 401;
  if (action.kind === 'leaveService') return leaveService(model, action.by);
  if (action.kind === 'accept') return accept(model, action);
  const org = at(model.orgs, action.org);
  const role = org.roles.get(action.by);
  if (org.isGone || role === undefined) return 404;
  if (action.kind === 'role') return changeRole(model, org, role, action);
  if (action.kind === 'remove') return remove(model, org, role, action);
  if (RANK[role] < RANK.admin) return 403;
  return action.kind === 'invite' ? invite(model, action) : handle(model, action);
}

function changeRole(
  model: Model,
  org: OrgModel,
  own: Role,
  { target, role }: Extract<Action, { kind: 'role' }>,
): number {
  if (own === 'member') return 403;
  const present = org.roles.get(target);
  if (present === undefined) return 404;
  if (own !== 'owner' && (present === 'owner' || role === 'owner')) return 403;
  if (present === role) return 200;
  if (present === 'owner' && !hasOtherOwner(model, org, target)) return 409;
  org.roles.set(target, role);
  return 200;
}

function remove(
  model: Model,
  org: OrgModel,
  own: Role,
  { by, target }: Extract<Action, { kind: 'remove' }>,
): number {
  const present = org.roles.get(target);
  if (present === undefined) return 404;
  const isAllowed = by === target || own === 'owner' || (own === 'admin' && present !== 'owner');
  if (!isAllowed) return 403;
  if (present === 'owner' && !hasOtherOwner(model, org, target)) return 409;
  org.roles.delete(target);
  return 204;
}

/** Whether someone else who can sign in owns the org. */
function hasOtherOwner(model: Model, org: OrgModel, person: number): boolean {
  return [...org.roles].some(
    ([other, role]) =>
      other !== person && role === 'owner' && at(model.people, other).state === 'active',
  );
}

function invite(model: Model, action: Extract<Action, { kind: 'invite' }>): number {
  const refusal = mailRefusal(model, action.org, action.target, null);
  if (refusal !== null) return refusal;
  const { org, target, role } = action;
  const expiresAt = model.now + VALID_MS;
  model.invitations.push({ org, target, role, expiresAt, state: 'open', resends: 0 });
  return 201;
}

function handle(
  model: Model,
  { kind, org, invitation: index }: Extract<Action, { kind: 'resend' | 'revoke' }>,
): number {
  const invitation = at(model.invitations, index);
  if (invitation.org !== org || invitation.state === 'revoked') return 404;
  if (kind === 'revoke') {
    invitation.state = 'revoked';
    return 204;
  }
  if (invitation.state === 'accepted') return 409;
  const refusal = mailRefusal(model, org, invitation.target, invitation);
  if (refusal !== null) return refusal;
  invitation.expiresAt = model.now + VALID_MS;
  invitation.resends += 1;
  return 200;
}

/** Why no invitation to someone can be mailed; if it can be, it is. */
function mailRefusal(
  model: Model,
  org: number,
  target: number,
  except: InvitationModel | null,
): number | null {
  const person = at(model.people, target);
  if (at(model.orgs, org).roles.has(target)) return 409;
  const isPending = model.invitations.some(
    (each) =>
      each !== except &&
      each.org === org &&
      each.target === target &&
      each.state === 'open' &&
      each.expiresAt > model.now,
  );
  if (isPending) return 409;
  const lately = person.mailedAt.filter((each) => each > model.now - HOUR_MS);
  if (lately.length >= MAILS_PER_HOUR) return 429;
  person.mailedAt.push(model.now);
  return null;
}

function accept(
  model: Model,
  { by, invitation: index, link }: Extract<Action, { kind: 'accept' }>,
): number {
  const invitation = at(model.invitations, index);
  const org = at(model.orgs, invitation.org);
  if (org.isGone || (link === 'first' && invitation.resends > 0)) return 404;
  if (invitation.target !== by) return 409;
  if (invitation.state !== 'open' || invitation.expiresAt <= model.now) return 409;
  if (org.roles.has(by)) return 409;
  org.roles.set(by, invitation.role);
  org.known.add(by);
  invitation.state = 'accepted';
  return 200;
}

function leaveService(model: Model, by: number): number {
  const orgs = model.orgs.filter(
    (org) => !org.isGone && org.roles.get(by) === 'owner' && !hasOtherOwner(model, org, by),
  );
  if (orgs.some((org) => org.roles.size > 1)) return 409;
  for (const org of orgs) org.isGone = true;
  for (const org of model.orgs) org.roles.delete(by);
  at(model.people, by).state = 'gone';
  return 204;
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`nothing at ${index}`);
  return found;
}

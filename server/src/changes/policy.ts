import type { Role } from '../db/types.ts';
import type { TokenScope } from '../db/types-account.ts';
import { DomainError } from '../base/domain-error.ts';

/** A higher role may do everything that a lower one may. */
export const ROLE_RANK: Record<Role, number> = { member: 1, admin: 2, owner: 3 };

export function roleAllows(role: Role, required: Role): boolean {
  return ROLE_RANK[role] >= ROLE_RANK[required];
}

/** The roles that may do what `required` may. */
export function rolesFrom(required: Role): Role[] {
  return (Object.keys(ROLE_RANK) as Role[]).filter((role) => roleAllows(role, required));
}

/**
 * Which credentials may be used, if not all: `proven_session`, a session whose person has just proved their identity;
 * `unrestricted`, any but a token that is restricted to one org; `token`, any token, and no session.
 */
export type CredentialRule = 'proven_session' | 'unrestricted' | 'token';

/** What an action requires in addition because of the object that it is about. */
interface ObjectRule<Target> {
  /** The rule as a sentence for the documents. */
  sentence: string;
  /** The lowest role that suffices for this object; null: the role of the action does. */
  requiredRole(target: Target): Role | null;
}

/** What an action requires of its caller. */
interface Rule {
  /** The lowest role in the request's org that suffices; null: any caller, since the action is in no single org. */
  role: Role | null;
  /** The lowest token scope that suffices. A session counts as having the scope `write`. */
  scope: TokenScope;
  credential?: CredentialRule;
  // `never`: each action has a target of its own type, which `objectRequire` checks.
  object?: ObjectRule<never>;
}

const ORG_SWITCHES: ObjectRule<{ fields: readonly string[] }> = {
  sentence: '`kubectl_enabled` and `api_enabled` require the role `owner`.',
  requiredRole: ({ fields }) =>
    fields.includes('kubectl_enabled') || fields.includes('api_enabled') ? 'owner' : null,
};

const MEMBER_CHANGE: ObjectRule<{ role: Role; becomes: Role }> = {
  sentence: 'Only an `owner` may change an owner, or make one.',
  requiredRole: ({ role, becomes }) => (role === 'owner' || becomes === 'owner' ? 'owner' : null),
};

const MEMBER_REMOVAL: ObjectRule<{ isSelf: boolean; role: Role }> = {
  sentence:
    'Anyone may remove themself; removing others requires the role `admin`, and an owner the role `owner`.',
  requiredRole: ({ isSelf, role }) => (isSelf ? null : role === 'owner' ? 'owner' : 'admin'),
};

const CREDENTIAL_LIST: ObjectRule<{ isAll: boolean }> = {
  sentence: '`?all=true` requires the role `admin`.',
  requiredRole: ({ isAll }) => (isAll ? 'admin' : null),
};

const CREDENTIAL_OTHERS: ObjectRule<{ isOwn: boolean }> = {
  sentence: "Others' require the role `admin`; for anyone else they do not exist.",
  requiredRole: ({ isOwn }) => (isOwn ? null : 'admin'),
};

/**
 * Who may do what. The checks before a request, the checks inside its transaction, the API's documents and
 * `docs/permissions.md` all use this table. Actions are named as in the audit log.
 */
export const POLICY = {
  'container.list': { role: 'member', scope: 'read' },
  'container.create': { role: 'member', scope: 'write' },
  'container.read': { role: 'member', scope: 'read' },
  'container.update': { role: 'member', scope: 'write' },
  'container.stop': { role: 'member', scope: 'write' },
  'container.start': { role: 'member', scope: 'write' },
  'container.restart': { role: 'member', scope: 'write' },
  'container.logs': { role: 'member', scope: 'read' },
  'container.stats': { role: 'member', scope: 'read' },
  'container.delete': { role: 'member', scope: 'write' },
  'volume.list': { role: 'member', scope: 'read' },
  'volume.create': { role: 'member', scope: 'write' },
  'volume.read': { role: 'member', scope: 'read' },
  'volume.delete': { role: 'member', scope: 'write' },
  'event.list': { role: 'member', scope: 'read' },
  'registry.list': { role: 'member', scope: 'read' },
  'registry.create': { role: 'admin', scope: 'write' },
  'registry.read': { role: 'member', scope: 'read' },
  'registry.delete': { role: 'admin', scope: 'write' },
  'kubectl_credential.list': { role: 'member', scope: 'read', object: CREDENTIAL_LIST },
  'kubectl_credential.create': { role: 'member', scope: 'write' },
  'kubectl_credential.read': { role: 'member', scope: 'read', object: CREDENTIAL_OTHERS },
  'kubectl_credential.delete': { role: 'member', scope: 'write', object: CREDENTIAL_OTHERS },
  'org.list': { role: null, scope: 'read' },
  'org.create': { role: null, scope: 'write', credential: 'unrestricted' },
  'org.read': { role: 'member', scope: 'read' },
  'org.update': { role: 'admin', scope: 'write', object: ORG_SWITCHES },
  'org.delete': { role: 'owner', scope: 'write', credential: 'proven_session' },
  'org.usage.read': { role: 'member', scope: 'read' },
  'workload.list': { role: 'member', scope: 'read' },
  'member.list': { role: 'member', scope: 'read' },
  'member.read': { role: 'member', scope: 'read' },
  'member.update': { role: 'admin', scope: 'write', object: MEMBER_CHANGE },
  'member.delete': { role: 'member', scope: 'write', object: MEMBER_REMOVAL },
  'audit.list': { role: 'admin', scope: 'read' },
  'invitation.list': { role: 'admin', scope: 'read' },
  'invitation.create': { role: 'admin', scope: 'write' },
  'invitation.read': { role: 'admin', scope: 'read' },
  'invitation.resend': { role: 'admin', scope: 'write' },
  'invitation.delete': { role: 'admin', scope: 'write' },
  'token.read': { role: null, scope: 'read', credential: 'token' },
  'token.revoke': { role: null, scope: 'read', credential: 'token' },
} as const satisfies Record<string, Rule>;

/** What a route does, by its name in the policy. */
export type Action = keyof typeof POLICY;

/** The actions that depend on their object, and what of it they depend on. */
type TargetOf<A extends Action> = (typeof POLICY)[A] extends { object: ObjectRule<infer Target> }
  ? Target
  : never;

export function ruleOf(action: Action): Rule {
  return POLICY[action];
}

/**
 * Checks, in the transaction of a change, what the action requires because of its object.
 * @param actor the caller's role as read in the transaction; null for the operator, who may do everything.
 * @throws DomainError that names the role required.
 */
export function objectRequire<A extends Action>(
  action: A,
  { role }: { role: Role | null },
  target: TargetOf<A>,
): void {
  const required = (ruleOf(action).object as ObjectRule<unknown> | undefined)?.requiredRole(target);
  if (role === null || required === undefined || required === null) return;
  if (roleAllows(role, required)) return;
  throw new DomainError(
    'not_permitted',
    `Your role in this org is ${role}; this needs the role ${required}.`,
    { required_role: required },
  );
}

const CREDENTIAL_SENTENCES: Readonly<Record<CredentialRule, string>> = {
  proven_session:
    'Only from the panel: by a session whose person has just proved their identity, never by a token.',
  unrestricted: 'A token that is restricted to one org is refused.',
  token: 'Only by the token itself, whatever its scope: the panel has pages of its own for tokens.',
};

/** What an action requires besides role and scope, as sentences for the documents. */
export function ruleRemarks(action: Action): string[] {
  const { credential, object } = ruleOf(action);
  return [
    ...(object === undefined ? [] : [object.sentence]),
    ...(credential === undefined ? [] : [CREDENTIAL_SENTENCES[credential]]),
  ];
}

/** What an action requires, as a sentence for the documents. */
export function ruleSentence(action: Action): string {
  const { role, scope } = ruleOf(action);
  const least =
    role === null
      ? `Requires the scope \`${scope}\`.`
      : `Requires the role \`${role}\` in the org and the scope \`${scope}\`.`;
  return [least, ...ruleRemarks(action)].join(' ');
}

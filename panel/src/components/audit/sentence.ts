import type { components } from '@dollarbox/client/schema';

type AuditEntry = components['schemas']['AuditEntry'];

/** What people read for an action, with the name of its object behind it. */
const VERBS: Readonly<Record<string, string>> = {
  'container.create': 'created the container',
  'container.update': 'changed the container',
  'container.stop': 'stopped the container',
  'container.start': 'started the container',
  'container.restart': 'restarted the container',
  'container.delete': 'deleted the container',
  'volume.create': 'created the volume',
  'volume.delete': 'deleted the volume',
  'volume.orphan_remove': 'removed an abandoned volume',
  'registry.create': 'added credentials for the registry',
  'registry.delete': 'removed the credentials for the registry',
  'kubectl_credential.create': 'created the kubectl credential',
  'kubectl_credential.delete': 'revoked the kubectl credential',
  'org.create': 'created the org',
  'org.update': 'changed the org',
  'org.delete': 'deleted the org',
  'org.suspend': 'suspended the org',
  'org.resume': 'ended the suspension of the org',
  'org.limits': 'changed the limits of the org',
  'member.add': 'added the member',
  'member.update': 'changed the role of the member',
  'member.delete': 'removed the member',
  'invitation.create': 'invited',
  'invitation.resend': 'resent the invitation of',
  'invitation.delete': 'revoked the invitation of',
  'invitation.accept': 'accepted the invitation of',
  'token.create': 'created the API token',
  'token.revoke': 'revoked the API token',
};

/** The actions that can be asked for, as the page names them. */
export const AUDIT_ACTIONS: readonly string[] = Object.keys(VERBS);

/** What was done, in words: "changed the container", and what it was done to. An action that is new here is named as it is. */
export function auditSentence(entry: AuditEntry): { verb: string; object: string } {
  return { verb: VERBS[entry.action] ?? entry.action, object: objectOf(entry) };
}

function objectOf(entry: AuditEntry): string {
  const { detail, object, changes } = entry;
  const named = ['name', 'email', 'host', 'slug', 'sa_name'].find(
    (key) => typeof detail[key] === 'string',
  );
  if (named !== undefined) return `${String(detail[named])}${roleOf(entry)}`;
  if (object.kind === 'org' || object.id === null) return fieldsText(changes);
  return `#${object.id}${roleOf(entry)}`;
}

/** The role that a member got: " as admin" if they are new, " to admin" if it changed. */
function roleOf({ action, detail, changes }: AuditEntry): string {
  if (action === 'member.add') return ` as ${String(detail['role'])}`;
  if (action === 'member.update') {
    const change: { new?: unknown } = changes['role'] ?? {};
    return ` to ${String(change.new)}`;
  }
  return '';
}

/** The fields that changed: "name, billing_email". */
export function fieldsText(changes: AuditEntry['changes']): string {
  return Object.keys(changes).join(', ');
}

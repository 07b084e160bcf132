import type { components } from '@dollarbox/client/schema';
import type { FeedEvent } from '../../api/live-feed.ts';

type AuditActor = components['schemas']['AuditEntry']['actor'];
type Member = components['schemas']['Member'];

/** By what somebody did something: the panel, or an API token, whose name is null where it is not known. */
export type Means = 'panel' | { token: string | null };

/** Who did something, and by what. */
export interface ActorShown {
  kind: 'person' | 'machine';
  /** Null while it is not known yet. */
  who: string | null;
  means: Means | null;
}

/** What is known of the people of an org, and of one's own tokens. */
export interface Known {
  /** All members of the org; `pending` while they are being read, and `failed` if they can't be. */
  members: readonly Pick<Member, 'user_id' | 'email'>[] | 'pending' | 'failed';
  tokens: readonly { id: number; name: string }[];
}

/** Who made the change of an event. People are named by their address, as in the audit log. */
export function eventActor(actor: FeedEvent['actor'], { members, tokens }: Known): ActorShown {
  if (actor === null || actor.user_id === null) {
    return { kind: 'machine', who: 'DollarBox', means: null };
  }
  const { user_id: userId, token_id: tokenId } = actor;
  const token = tokens.find(({ id }) => id === tokenId)?.name ?? null;
  const means = tokenId === null ? 'panel' : { token };
  return { kind: 'person', who: memberName(userId, members), means };
}

function memberName(userId: number, members: Known['members']): string | null {
  if (members === 'pending') return null;
  if (members === 'failed') return `person #${userId}`;
  return (
    members.find((member) => member.user_id === userId)?.email ?? `a former member (#${userId})`
  );
}

/**
 * Who did what an entry of the audit log says, to begin a sentence with. Nothing is kept of a deleted account but its
 * number, by which its entries belong together.
 */
export function auditActor({ kind, user_id: userId, email }: AuditActor): string {
  if (kind === 'operator') return 'The operator';
  return email ?? `A deleted account (#${userId})`;
}

import type { Role } from '../db/types.ts';

/** Who makes a change, for its audit row. */
export interface Actor {
  /** Null for the operator. */
  userId: number | null;
  /** Null where no token was used. */
  tokenId: number | null;
  /** Null where the change was not made by a request. */
  requestId: string | null;
  /** The session of the panel that was used, if any. */
  sessionId?: number | null;
  /** Where the request came from; absent if there was none. */
  ipAddress?: string | null;
}

/** A person. */
export interface UserActor extends Actor {
  userId: number;
}

/** An actor in one org. */
export interface OrgActor extends Actor {
  org: { id: number; slug: string };
  /** The role as it is in the transaction of the change; null for the operator, who may do everything. */
  role: Role | null;
}

/** The operator, at the command line. */
export const OPERATOR: Actor = { userId: null, tokenId: null, requestId: null };

/** The operator, in one org. */
export function operatorIn(org: OrgActor['org']): OrgActor {
  return { ...OPERATOR, org, role: null };
}

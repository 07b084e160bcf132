/** What an audit row says: who did what to which object, in which org, by which request. */
export interface AuditEntry {
  at: Date;
  orgId: number | null;
  userId: number | null;
  tokenId: number | null;
  requestId: string | null;
  action: string;
  objectKind: string;
  objectId: number | null;
  /** Names of what changed, never values: these may be secret. */
  detail: Record<string, unknown>;
}

/** The columns of an audit row. Inserted in the transaction of what it tells of. */
export function auditRow(entry: AuditEntry) {
  return {
    at: entry.at,
    org_id: entry.orgId,
    user_id: entry.userId,
    token_id: entry.tokenId,
    action: entry.action,
    object_kind: entry.objectKind,
    object_id: entry.objectId,
    request_id: entry.requestId,
    detail: JSON.stringify(entry.detail),
  };
}

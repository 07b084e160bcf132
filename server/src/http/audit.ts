import type { AuditEntry } from '../audit/store.ts';
import type { Clock } from '../deps.ts';
import type { Call } from './route.ts';

/** What an audit row says of a call, as of now. */
export function auditOfCall(
  call: Call,
  deps: { clock: Clock },
  what: Pick<AuditEntry, 'orgId' | 'action' | 'objectKind' | 'detail'>,
): Omit<AuditEntry, 'objectId'> {
  return {
    at: deps.clock.now(),
    userId: call.principal.userId,
    tokenId: call.principal.tokenId,
    requestId: call.requestId,
    ...what,
  };
}

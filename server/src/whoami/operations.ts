import { objectMissing } from '../base/domain-error.ts';
import type { UserActor } from '../changes/actor.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import type { Trx } from '../db/database.ts';
import type { Version } from '../http/etag.ts';
import { tokenRevoke } from '../tokens/operations.ts';
import { whoamiRead } from './store.ts';

/** A token has no ETag, so that of all preconditions only `If-Match: *` is met. */
const NO_VERSION: Version = { generation: -1, revision: 0 };

/**
 * Ends the token that the caller uses.
 * @throws DomainError if the account was deleted a moment ago; ApiError 412.
 */
export async function whoamiDelete(
  trx: Trx,
  actor: UserActor,
  { precondition }: { precondition: (version: Version) => void },
  deps: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  const row = actor.tokenId === null ? null : await whoamiRead(trx, actor.tokenId);
  if (row === null) throw objectMissing();
  precondition(NO_VERSION);
  const { id, public_id: publicId, token_name: name, user_id: userId, org_id: orgId } = row;
  await tokenRevoke(trx, actor, { id, publicId, name, userId, orgId }, deps);
}

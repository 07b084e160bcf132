import { DomainError, InvalidInput, objectMissing } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Trx } from '../../db/database.ts';
import { mailRequest } from '../../mail/outbox.ts';
import * as operations from '../../tokens/operations.ts';
import { orgOfUser, tokensOfUser } from '../../tokens/store.ts';
import { emailOf } from '../account-store.ts';
import type { SessionActor } from '../account-write.ts';

const MAX_TOKENS = 100;
const PUBLIC_ID = /^[0-9A-Za-z]{12}$/;

export type OwnToken = Awaited<ReturnType<typeof tokensOfUser>>[number];

/**
 * Creates a token for the signed-in person. Its clear text is only in the result.
 * @throws DomainError if they have too many, or are not in the org.
 */
export async function ownTokenCreate(
  trx: Trx,
  actor: SessionActor,
  input: { name: string; scope: 'read' | 'write'; orgSlug: string | null; expiresAt: Date | null },
  deps: ChangeDeps,
): Promise<{ token: string; row: OwnToken }> {
  const { userId } = actor;
  const { name, scope, orgSlug, expiresAt } = input;
  if ((await tokensOfUser(trx, userId)).length >= MAX_TOKENS) {
    throw new DomainError('limit_reached', `You have ${MAX_TOKENS} tokens: revoke one first.`);
  }
  const orgId = orgSlug === null ? null : await orgOfUser(trx, userId, orgSlug);
  if (orgSlug !== null && orgId === null) {
    throw new InvalidInput({ org: ['You are in no org with this slug.'] });
  }
  const given = { userId, name, scope, orgId, expiresAt };
  const { token, publicId } = await operations.tokenCreate(trx, actor, given, deps);
  const email = await emailOf(trx, userId);
  await mailRequest(trx, deps, email, { kind: 'notice', notice: 'token_created' });
  const row = (await tokensOfUser(trx, userId)).find((each) => each.public_id === publicId);
  if (row === undefined) throw new Error('a token that was made is not there');
  return { token, row };
}

/** Revokes a token of the signed-in person. @throws DomainError if they have none with this id. */
export async function ownTokenRevoke(
  trx: Trx,
  actor: SessionActor,
  { publicId }: { publicId: string },
  deps: Pick<ChangeDeps, 'clock'>,
): Promise<void> {
  const { userId } = actor;
  const known = PUBLIC_ID.test(publicId) ? await tokensOfUser(trx, userId) : [];
  const row = known.find((each) => each.public_id === publicId);
  if (row === undefined) throw objectMissing();
  const token = { id: row.id, publicId, name: row.name, userId, orgId: row.org_id };
  await operations.tokenRevoke(trx, actor, token, deps);
}

import type { Actor } from '../changes/actor.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { type TokenInput, tokenInsert, tokenRowRevoke } from './store.ts';

type Deps = Pick<ChangeDeps, 'clock' | 'random'>;

/** Makes a token. Its clear text is in the result and nowhere else. */
export async function tokenCreate(
  trx: Trx,
  actor: Actor,
  input: TokenInput,
  deps: Deps,
): Promise<{ id: number; token: string; publicId: string }> {
  const made = await tokenInsert(trx, deps, input);
  await changeRecord(trx, actor, {
    at: deps.clock.now(),
    orgId: input.orgId,
    action: 'token.create',
    objectKind: 'token',
    objectId: made.id,
    detail: {
      public_id: made.publicId,
      name: input.name,
      user_id: input.userId,
      scope: input.scope,
    },
  });
  return made;
}

/** A token, as far as its revocation needs to know it. */
export interface RevocableToken {
  id: number;
  publicId: string;
  name: string;
  userId: number;
  orgId: number | null;
}

/** Refuses a token from now on, once the writes of its user that are under way have ended. */
export async function tokenRevoke(
  trx: Trx,
  actor: Actor,
  { id, publicId, name, userId, orgId }: RevocableToken,
  { clock }: Pick<Deps, 'clock'>,
): Promise<Date> {
  const at = clock.now();
  await tokenRowRevoke(trx, publicId, at);
  await changeRecord(trx, actor, {
    at,
    orgId,
    action: 'token.revoke',
    objectKind: 'token',
    objectId: id,
    detail: { public_id: publicId, name, user_id: userId },
  });
  return at;
}

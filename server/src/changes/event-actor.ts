import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import type { Actor } from './actor.ts';

type ChangeMaker = Pick<Actor, 'userId' | 'tokenId' | 'requestId'>;

/** Says who makes the changes of this transaction, for the triggers that write events. An expression of a `select`. */
export function eventActorSet({ userId, tokenId, requestId }: ChangeMaker): RawBuilder<string> {
  const actor = { user_id: userId, token_id: tokenId, request_id: requestId };
  return sql<string>`set_config('dollarbox.actor', ${JSON.stringify(actor)}, true)`;
}

/** The same, as a statement of its own. */
export async function eventActorApply(trx: Trx, actor: ChangeMaker): Promise<void> {
  await trx.selectNoFrom(eventActorSet(actor).as('actor')).execute();
}

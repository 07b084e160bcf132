import { type ImageReference, imageReferenceParse } from '@dollarbox/engines/image-reference';
import { type SqlBool, sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import { wakeColumns } from '../reconciler/work-store.ts';
import { IMAGE_REASONS } from './plan/hold.ts';

/**
 * Makes an org's containers due whose images could not be pulled, or are not there yet: what their registries answered
 * before no longer counts.
 * @param isAffected whether the reason to try again concerns an image.
 */
export async function containersRetryImages(
  trx: Trx,
  orgId: number,
  isAffected: (reference: ImageReference) => boolean,
  at: Date,
): Promise<void> {
  const waiting = await trx
    .selectFrom('containers')
    .select(['id', 'image'])
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('status_reason', 'in', [...IMAGE_REASONS]),
        sql<SqlBool>`observed_generation <> generation`,
      ]),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  const ids = waiting.flatMap(({ id, image }) => {
    const reference = imageReferenceParse(image);
    return reference !== null && isAffected(reference) ? id : [];
  });
  if (ids.length === 0) return;
  const { wake_seq: wakeSeq, due_at: dueAt } = wakeColumns(at);
  await sql`
    with retried as (
      update containers set attempt_at = ${at}, pull_started_at = null, pull_retries = 0 where id = any(${ids}::bigint[])
    ),
    held as materialized (
      select object_id from work where kind = 'container' and object_id = any(${ids}::bigint[])
      order by object_id for update
    )
    update work set wake_seq = ${wakeSeq}, due_at = ${dueAt}
    from held where work.kind = 'container' and work.object_id = held.object_id`.execute(trx);
}

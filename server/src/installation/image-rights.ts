import type { ImageRightStore } from '@dollarbox/engines/docker/options';
import { type SqlBool, sql } from 'kysely';
import { type Db, foreignKeyViolation } from '../db/database.ts';
import type { Clock } from '../base/system.ts';

/** Which org's own pull obtained which image. */
export function imageRightStoreCreate(db: Db, clock: Clock): ImageRightStore {
  return {
    async find(orgId, ref) {
      const row = await db
        .selectFrom('image_rights')
        .select('image_id')
        .where('org_id', '=', orgId)
        .where('ref', '=', ref)
        .executeTakeFirst();
      return row?.image_id ?? null;
    },

    async imagesOf(orgId) {
      const rows = await db
        .selectFrom('image_rights')
        .select('image_id')
        .distinct()
        .where('org_id', '=', orgId)
        .execute();
      return rows.map(({ image_id: imageId }) => imageId);
    },

    async imagesFrom(registry) {
      return db
        .selectFrom('image_rights')
        .select(['image_id as imageId', 'layers'])
        .distinct()
        .where('registry', '=', registry)
        .where(sql<SqlBool>`layers <> '{}'`)
        .execute();
    },

    async add(orgId, { ref, registry, imageId, credentialId, layers }) {
      const values = {
        registry,
        registry_id: credentialId,
        image_id: imageId,
        layers: [...layers],
        obtained_at: clock.now(),
      };
      try {
        await db
          .insertInto('image_rights')
          .values({ org_id: orgId, ref, ...values })
          .onConflict((conflict) => conflict.columns(['org_id', 'ref']).doUpdateSet(values))
          .execute();
        return true;
      } catch (error) {
        // The credential, or the whole org, has been deleted since the pull began.
        if (foreignKeyViolation(error) !== null) return false;
        throw error;
      }
    },

    async remove(ref) {
      await db.deleteFrom('image_rights').where('ref', '=', ref).execute();
    },

    async retain(imageIds, since) {
      await db
        .deleteFrom('image_rights')
        .where('obtained_at', '<', since)
        .where(sql<SqlBool>`image_id <> all(${[...imageIds]}::text[])`)
        .execute();
    },
  };
}

import type { PulledImageStore } from '@dollarbox/engines/docker/options';
import type { Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';

/** The images that this installation pulled, and may therefore remove. */
export function pulledImageStoreCreate(db: Db, clock: Clock): PulledImageStore {
  return {
    async add(ref, imageId) {
      const values = { image_id: imageId, pulled_at: clock.now() };
      await db
        .insertInto('pulled_images')
        .values({ ref, ...values })
        .onConflict((conflict) => conflict.column('ref').doUpdateSet(values))
        .execute();
    },
    async list() {
      return db
        .selectFrom('pulled_images')
        .select(['ref', 'image_id as imageId', 'pulled_at as pulledAt'])
        .execute();
    },
    async remove(ref) {
      await db.deleteFrom('pulled_images').where('ref', '=', ref).execute();
    },
  };
}

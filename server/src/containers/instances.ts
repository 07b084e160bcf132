// The starts of containers' processes, and what is kept of their lines.
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Claim, FenceLost } from '../reconciler/store.ts';
import type { InstanceKey } from './kind-store.ts';

/** One start of a container's process, as its lines are read. */
export interface InstanceRow extends InstanceKey {
  number: number;
  /** The number of the first instance of the same object. */
  object: number;
  /** Its object is gone, and its last lines are kept. */
  isKept: boolean;
  /** How many of its lines were not kept; null: unknown. */
  lostLines: number | null;
}

/**
 * Records a start of a container's process, with a number of its own, unless it is recorded already.
 * @throws FenceLost with nothing recorded if another worker has the container, or it is forgotten.
 */
export async function instanceRecord(
  db: Db,
  claim: Pick<Claim, 'id' | 'fence'>,
  generation: number,
  { ref, startedAt }: InstanceKey,
): Promise<void> {
  const { id, fence } = claim;
  const { rows } = await sql`
    with present as materialized (
      select id from containers where id = ${id} for key share
    ),
    held as materialized (
      select from present join work on kind = 'container' and object_id = present.id and fence = ${fence}
    ),
    recorded as (
      insert into container_instances (container_id, number, object, ref, generation, started_at)
      select ${id}, coalesce(max(number), 0) + 1,
        coalesce(min(object) filter (where ref = ${ref}), coalesce(max(number), 0) + 1),
        ${ref}, ${generation}, ${startedAt}
      from container_instances where container_id = ${id}
      having exists (select from held)
      on conflict do nothing
    )
    select from held`.execute(db);
  if (rows.length === 0) throw new FenceLost();
}

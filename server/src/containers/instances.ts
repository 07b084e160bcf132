// The starts of containers' processes, and what is kept of their lines.
import { sql } from 'kysely';
import type { SecretBox } from '../base/secrets.ts';
import type { Db, Trx } from '../db/database.ts';
import { type Claim, FenceLost } from '../reconciler/store.ts';
import { EVENT_CHANNEL, followersNotice } from '../reconciler/work-signal.ts';
import type { NewInstance, RecordedInstance } from './kind-store.ts';
import { type InstanceLines, instancesKept } from './kept-lines.ts';

/** So many starts of a container's process are remembered, the last ones, besides those whose lines are kept. */
const RECORDED_INSTANCES = 100;
/** The most that an org's kept lines may take, in bytes. */
const ORG_MAX_BYTES = 100 * 1024 ** 2;
/** The lines of an instance, compressed, as they are sealed. */
const LINES_PURPOSE = 'container_instances.lines';

/**
 * Records a start of a container's process, with a number of its own, unless it is recorded already. If it is, its lines
 * are read from the engine again. Followers of its log are notified at once: the first lines don't wait for the end of
 * the turn.
 * @throws FenceLost with nothing recorded if another worker has the container, or it is forgotten.
 */
export async function instanceRecord(
  db: Db,
  claim: Pick<Claim, 'id' | 'fence'>,
  generation: number,
  { ref, startedAt, isApart, missed = 0 }: NewInstance,
): Promise<void> {
  const { id, fence } = claim;
  const number = sql`coalesce(max(number), 0) + 1 + ${missed}::integer`;
  const { rows } = await sql`
    with present as materialized (
      select id from containers where id = ${id} for key share
    ),
    held as materialized (
      select from present join work on kind = 'container' and object_id = present.id and fence = ${fence}
    ),
    recorded as (
      insert into container_instances (container_id, number, object, ref, generation, started_at)
      select ${id}, ${number},
        coalesce(min(object) filter (where ref = ${ref} and not ${isApart}::boolean), ${number}),
        ${ref}, ${generation}, ${startedAt}
      from container_instances where container_id = ${id}
      having exists (select from held)
      on conflict (container_id, ref, started_at)
        do update set kept_at = null, lines_sealed = null, kept_lines = 0, lost_lines = null, is_cut_off = false
    ),
    purged as (
      delete from container_instances
      where container_id = ${id} and lines_sealed is null and exists (select from held)
        and number <= (
          select max(number) from container_instances where container_id = ${id}
        ) - ${RECORDED_INSTANCES}::integer
    )
    select pg_notify(${EVENT_CHANNEL}, ${followersNotice('container', id)}) from held`.execute(db);
  if (rows.length === 0) throw new FenceLost();
}

/** The recorded starts of a container's process, oldest first. */
export async function instancesRead(db: Db, id: number): Promise<RecordedInstance[]> {
  return db
    .selectFrom('container_instances')
    .select(['number', 'object', 'ref', 'generation', 'started_at as startedAt'])
    .select([sql<boolean>`kept_at is not null`.as('isKept'), 'is_cut_off as isCutOff'])
    .where('container_id', '=', id)
    .orderBy('number')
    .execute();
}

/**
 * Keeps lines of the instances of an object that is about to be removed, within the limits of its container and org.
 * @param lines null: they could not be read. What was kept of an instance before stays if less than that is read now: an
 *   engine may forget the lines of a process before its object is gone.
 * @throws FenceLost with nothing kept if another worker has the container, or it is forgotten.
 */
export async function linesRecord(
  db: Db,
  secrets: SecretBox,
  claim: Pick<Claim, 'id' | 'fence'>,
  ref: string,
  lines: readonly InstanceLines[] | null,
  now: Date,
): Promise<void> {
  const { id } = claim;
  await db.transaction().execute(async (trx) => {
    await fenceRequire(trx, claim);
    const ofObject = trx
      .updateTable('container_instances')
      .where('container_id', '=', id)
      .where('ref', '=', ref);
    const notKeptYet = ofObject.where('kept_at', 'is', null);
    if (lines === null) await notKeptYet.set({ kept_at: now }).execute();
    for (const { number, lines: packed, count, lostLines, isCutOff } of lines ?? []) {
      const kept = {
        kept_at: now,
        lines_sealed: packed === null ? null : secrets.seal(LINES_PURPOSE, packed),
        kept_lines: count,
        lost_lines: lostLines,
        is_cut_off: isCutOff,
      };
      const isNotLess = ofObject.where((eb) =>
        eb.or([eb('kept_at', 'is', null), eb('kept_lines', '<=', count)]),
      );
      const written = packed === null ? notKeptYet : isNotLess;
      await written.where('number', '=', number).set(kept).execute();
    }
    await instancesTrim(trx, id);
  });
  if (lines?.some((kept) => kept.lines !== null) === true) await orgLinesTrim(db, id);
}

async function fenceRequire(trx: Trx, { id, fence }: Pick<Claim, 'id' | 'fence'>): Promise<void> {
  const { rows: present } = await sql`
    select from containers where id = ${id} for key share`.execute(trx);
  const { rows: held } = await sql`
    select from work where kind = 'container' and object_id = ${id} and fence = ${fence}`.execute(
    trx,
  );
  if (present.length === 0 || held.length === 0) throw new FenceLost();
}

/** Drops lines that belong to none of the instances of a container whose lines are kept. */
async function instancesTrim(trx: Trx, id: number): Promise<void> {
  const kept = instancesKept(await instancesRead(trx, id));
  await sql`
    update container_instances
    set lines_sealed = null, kept_lines = 0, lost_lines = lost_lines + kept_lines
    where container_id = ${id} and lines_sealed is not null and number <> all (${[...kept]}::integer[])
  `.execute(trx);
}

/**
 * Drops the oldest lines of a container's org that exceed its limit. What others are changing just now is left to them,
 * since they do the same afterwards.
 */
export async function orgLinesTrim(db: Db, id: number, maxBytes = ORG_MAX_BYTES): Promise<void> {
  await sql`
    with sizes as (
      select i.container_id, i.number,
        sum(octet_length(i.lines_sealed)) over (order by i.kept_at desc, i.container_id, i.number desc) as total
      from container_instances as i join containers as c on c.id = i.container_id
      where c.org_id = (select org_id from containers where id = ${id}) and i.lines_sealed is not null
    ),
    dropped as materialized (
      select i.container_id, i.number
      from container_instances as i join sizes using (container_id, number)
      where sizes.total > ${maxBytes}
      for update of i skip locked
    )
    update container_instances as i
    set lines_sealed = null, kept_lines = 0, lost_lines = lost_lines + kept_lines
    from dropped where i.container_id = dropped.container_id and i.number = dropped.number
  `.execute(db);
}

/** The lines that are kept of an instance, compressed; null: none, or they can't be read any more. */
export async function keptLinesRead(
  db: Db,
  secrets: SecretBox,
  id: number,
  number: number,
): Promise<Buffer | null> {
  const row = await db
    .selectFrom('container_instances')
    .select('lines_sealed')
    .where('container_id', '=', id)
    .where('number', '=', number)
    .executeTakeFirst();
  if (row === undefined || row.lines_sealed === null) return null;
  try {
    return secrets.openBytes(LINES_PURPOSE, row.lines_sealed);
  } catch {
    return null;
  }
}

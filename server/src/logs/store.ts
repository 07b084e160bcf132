import { sql } from 'kysely';
import type { Db } from '../db/database.ts';

/** One start of a container's process, as its lines are read. */
export interface InstanceRow {
  /** Counted from 1 in the life of the container. */
  number: number;
  /** The number of the first instance of the same object. */
  object: number;
  ref: string;
  startedAt: Date;
  /** Its object was about to be removed, and its last lines are kept, if they could be read. */
  isKept: boolean;
  hasLines: boolean;
  /** How many lines came before those that are kept; null: unknown. */
  lostLines: number | null;
  /** Its process may have written more after its lines were read. */
  isCutOff: boolean;
}

const INSTANCE = sql`
  i.number, i.object, i.ref, i.started_at as "startedAt", i.kept_at is not null as "isKept",
  i.lines_sealed is not null as "hasLines", i.lost_lines as "lostLines", i.is_cut_off as "isCutOff"`;

/** What the lines of a container are read from. */
export interface ContainerLogs {
  id: number;
  orgId: number;
  /** Oldest first. */
  instances: InstanceRow[];
}

/** The instances of a live container in one of these orgs; null if there is none. */
export async function containerLogsRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<ContainerLogs | null> {
  const { rows } = await sql<
    { org_id: number } & { [K in keyof InstanceRow]: InstanceRow[K] | null }
  >`
    select c.org_id, ${INSTANCE}
    from containers as c left join container_instances as i on i.container_id = c.id
    where c.id = ${id} and c.org_id = any (${orgIds}::bigint[]) and c.deleted_at is null
    order by i.number`.execute(db);
  const [first] = rows;
  if (first === undefined) return null;
  const instances = rows.filter((row): row is typeof row & InstanceRow => row.number !== null);
  return { id, orgId: first.org_id, instances };
}

/** The recorded starts of a container's process, oldest first. */
export async function instanceRowsRead(db: Db, id: number): Promise<InstanceRow[]> {
  const { rows } = await sql<InstanceRow>`
    select ${INSTANCE} from container_instances as i where i.container_id = ${id} order by i.number`.execute(
    db,
  );
  return rows;
}

/** The object of a live container on the engine, and the data in its volumes. */
export interface ContainerObject {
  orgId: number;
  /** null: it has none. */
  ref: string | null;
  /** null: not all of its volumes have been measured. */
  volumeBytes: number | null;
}

export async function containerObjectRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<ContainerObject | null> {
  const { rows } = await sql<ContainerObject>`
    select c.org_id as "orgId", c.applied_ref as ref, (
      select case when count(*) = count(v.used_bytes) then coalesce(sum(v.used_bytes), 0)::float8 end
      from volumes as v where v.container_id = c.id and v.deleted_at is null
    ) as "volumeBytes"
    from containers as c
    where c.id = ${id} and c.org_id = any (${orgIds}::bigint[]) and c.deleted_at is null`.execute(
    db,
  );
  return rows[0] ?? null;
}

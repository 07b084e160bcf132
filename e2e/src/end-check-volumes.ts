import type { Container, Volume } from '@dollarbox/client';
import type Docker from 'dockerode';
import type pg from 'pg';
import type { EngineObject } from './end-check-rules.ts';

/** A volume's row and its place in the queue. */
export interface VolumeTableRow {
  id: number;
  uid: string;
  name: string;
  status: string;
  status_reason: string | null;
  container_id: number | null;
  mount_path: string | null;
  ref: string | null;
  is_deleted: boolean;
  has_work: boolean;
  is_leased: boolean;
  is_due: boolean;
}

/** A volume as the engine's labels describe it. */
export interface EngineVolume {
  name: string;
  id: number;
  uid: string;
}

const COMPARED = ['name', 'status', 'status_reason', 'mount_path'] as const;

export async function volumeTableRows(database: pg.Pool): Promise<VolumeTableRow[]> {
  const { rows } = await database.query<VolumeTableRow>(`
    select v.id::int as id, v.uid, v.name, v.status, v.status_reason, v.container_id::int as container_id,
      v.mount_path, v.ref, v.deleted_at is not null as is_deleted,
      w.object_id is not null as has_work, w.lease_owner is not null as is_leased,
      coalesce(w.due_at <= now(), false) as is_due
    from volumes v left join work w on w.kind = 'volume' and w.object_id = v.id`);
  return rows;
}

export async function engineVolumes(docker: Docker, installation: string): Promise<EngineVolume[]> {
  const label = [`dollarbox.installation=${installation}`, 'dollarbox.volume'];
  const { Volumes } = await docker.listVolumes({ filters: { label } });
  return (Volumes ?? []).map(({ Name, Labels }) => ({
    name: Name,
    id: Number(Labels['dollarbox.volume']),
    uid: Labels['dollarbox.uid'] ?? '',
  }));
}

/** What has not settled, or is left over. */
export function volumeTableFaults(rows: readonly VolumeTableRow[]): string[] {
  return rows.flatMap((row) => {
    const is = (fault: string): string => `volume ${row.name} (${row.id}) ${fault}`;
    return [
      ...(row.is_deleted ? [is('is deleted, and its row is still there')] : []),
      ...(row.has_work ? [] : [is('is not in the queue: nobody will ever look at it')]),
      ...(row.is_leased ? [is('is held by a worker')] : []),
      ...(row.is_due ? [is('waits for its turn')] : []),
    ];
  });
}

/** The differences between API, table and engine for volumes: what has not settled, and what is left over. */
export function volumeFaults(
  rows: readonly VolumeTableRow[],
  shown: ReadonlyMap<number, Volume>,
  volumes: readonly EngineVolume[],
): string[] {
  const faults: string[] = [];
  const live = new Map(rows.filter((row) => !row.is_deleted).map((row) => [row.id, row]));
  for (const id of shown.keys())
    if (!live.has(id)) faults.push(`the API shows volume ${id}, which has no row`);
  for (const { name, id, uid } of volumes) {
    if (!rows.some((row) => row.id === id && row.uid === uid))
      faults.push(`the volume ${name} is there without a row`);
  }
  faults.push(...volumeTableFaults(rows));
  for (const row of live.values()) {
    const is = (fault: string): string => `volume ${row.name} (${row.id}, ${row.status}) ${fault}`;
    const volume = shown.get(row.id);
    if (volume === undefined) {
      faults.push(is('is not shown by the API'));
      continue;
    }
    for (const field of COMPARED) {
      if (volume[field] !== row[field]) faults.push(is(`is shown with ${field} ${volume[field]}`));
    }
    if (volume.container !== row.container_id)
      faults.push(is(`is shown in container ${volume.container}, is in ${row.container_id}`));
    const own = volumes.filter(({ id, uid }) => id === row.id && uid === row.uid);
    if (row.status === 'pending' || row.status === 'provisioning')
      faults.push(is('is still being made'));
    if (row.status === 'bound' && own.length !== 1)
      faults.push(is(`has ${own.length} engine objects`));
  }
  return faults;
}

/** Both sides of a mount must agree, and only the object that should have it may have it. */
export function mountFaults(
  rows: readonly VolumeTableRow[],
  containers: ReadonlyMap<number, Container>,
  objects: readonly EngineObject[],
  volumes: readonly EngineVolume[],
): string[] {
  const faults: string[] = [];
  const byName = new Map(volumes.map((volume) => [volume.name, volume.id]));
  const said = (mounts: readonly (readonly [number, string])[]): string =>
    mounts
      .map(([id, path]) => `${id} at ${path}`)
      .toSorted()
      .join(', ');
  for (const { id, name, volumes: mounts, ...container } of containers.values()) {
    const told = said(mounts.map((mount) => [mount.volume, mount.mount_path]));
    const had = said(
      rows
        .filter((row) => row.container_id === id)
        .map((row) => [row.id, row.mount_path ?? ''] as const),
    );
    if (told !== had) faults.push(`${name} (${id}) mounts "${told}", its volumes say "${had}"`);
    if (container.status !== 'running') continue;
    if (container.observed_generation !== container.generation) continue;
    const object = objects.find((each) => each.id === id);
    const found = said(
      (object?.mounts ?? []).map(([volume, path]) => [byName.get(volume) ?? 0, path]),
    );
    if (found !== told) faults.push(`${name} (${id}) runs with "${found}", not with "${told}"`);
  }
  const held = objects.flatMap(({ mounts }) => mounts.map(([volume]) => volume));
  for (const volume of new Set(held)) {
    if (held.indexOf(volume) !== held.lastIndexOf(volume))
      faults.push(`the volume ${volume} is in two containers`);
  }
  return faults;
}

/** The count of GB must be right, and nothing may wait for a volume that no longer exists. */
export async function volumeCounterFaults(database: pg.Pool): Promise<string[]> {
  const { rows } = await database.query<{ fault: string }>(`
    select format('org %s counts %s GB of volumes, has %s', o.slug, o.volume_gb_count, coalesce(sum(v.size_gb), 0)) as fault
    from orgs o left join volumes v on v.org_id = o.id and v.deleted_at is null
    group by o.id having o.volume_gb_count <> coalesce(sum(v.size_gb), 0)
    union all
    select format('work is kept for a volume %s that is no more', object_id) from work
    where kind = 'volume' and not exists (select from volumes v where v.id = object_id)`);
  return rows.map(({ fault }) => fault);
}

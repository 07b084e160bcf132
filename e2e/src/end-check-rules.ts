import type { Container } from '@dollarbox/client';

/** A container's row of the table and its place in the queue. */
export interface TableRow {
  id: number;
  name: string;
  image: string;
  status: string;
  status_reason: string | null;
  generation: number;
  observed_generation: number;
  ipv6_address: string;
  applied_ref: string | null;
  is_deleted: boolean;
  has_work: boolean;
  is_leased: boolean;
  is_due: boolean;
}

export interface EngineObject {
  ref: string;
  /** The container's id, from its label. */
  id: number;
  imageId: string;
  env: readonly string[];
  isRunning: boolean;
  addresses: readonly string[];
  /** Volumes by the engine's name, and where they are mounted. */
  mounts: readonly (readonly [volume: string, path: string])[];
}

const COMPARED = [
  'name',
  'image',
  'status',
  'status_reason',
  'generation',
  'observed_generation',
] as const;

/** What has not settled, or is left over. */
export function tableFaults(rows: readonly TableRow[]): string[] {
  return rows.flatMap((row) => {
    const is = (fault: string): string => `${row.name} (${row.id}) ${fault}`;
    const isApplied = row.observed_generation === row.generation;
    return [
      ...(row.is_deleted ? [is('is deleted, and its row is still there')] : []),
      ...(row.has_work ? [] : [is('is not in the queue: nobody will ever look at it')]),
      ...(row.is_leased ? [is('is held by a worker')] : []),
      ...(row.is_due ? [is('waits for its turn')] : []),
      ...(row.status === 'pending' ? [is('is pending')] : []),
      ...(!isApplied && row.status_reason === null ? [is('has a change outstanding')] : []),
    ];
  });
}

/**
 * The differences between API, table and engine.
 * @param imageIds the ids that the engine has under a reference.
 */
export function containerFaults(
  rows: readonly TableRow[],
  shown: ReadonlyMap<number, Container>,
  objects: readonly EngineObject[],
  imageIds: ReadonlyMap<string, string>,
  restless: (container: Container) => boolean,
): string[] {
  const faults: string[] = [];
  const live = new Map(rows.filter((row) => !row.is_deleted).map((row) => [row.id, row]));
  for (const id of shown.keys())
    if (!live.has(id)) faults.push(`the API shows ${id}, which has no row`);
  for (const object of objects) {
    if (!rows.some((row) => row.id === object.id)) faults.push(`${object.ref} runs without a row`);
  }
  for (const row of live.values()) {
    const container = shown.get(row.id);
    if (container === undefined) {
      faults.push(`the API does not show ${row.name} (${row.id})`);
      continue;
    }
    for (const field of COMPARED) {
      if (container[field] === row[field]) continue;
      faults.push(`${row.name}: the API has ${field} ${container[field]}, the table ${row[field]}`);
    }
    const own = objects.filter((object) => object.id === row.id);
    if (own.length > 1) faults.push(`${row.name} has ${own.length} engine objects`);
    if (!restless(container)) faults.push(...objectFaults(row, container, own[0], imageIds));
  }
  return faults;
}

function objectFaults(
  row: TableRow,
  container: Container,
  object: EngineObject | undefined,
  imageIds: ReadonlyMap<string, string>,
): string[] {
  const is = (fault: string): string => `${row.name} (${row.id}, ${row.status}) ${fault}`;
  if (row.status !== 'running') return object?.isRunning === true ? [is('runs all the same')] : [];
  if (object === undefined) return [is('has no engine object')];
  const faults: string[] = [];
  if (!object.isRunning) faults.push(is('does not run'));
  if (object.ref !== row.applied_ref) faults.push(is('is not the object that was recorded'));
  if (!object.addresses.includes(row.ipv6_address)) {
    faults.push(is(`has the addresses ${object.addresses.join(' ')}`));
  }
  if (row.observed_generation !== row.generation) return faults;
  const imageId = imageIds.get(container.image);
  if (imageId !== undefined && object.imageId !== imageId) {
    faults.push(is(`runs ${object.imageId}, which is not ${container.image}`));
  }
  for (const [key, value] of Object.entries(container.env)) {
    if (!object.env.includes(`${key}=${value}`)) faults.push(is(`runs without ${key}=${value}`));
  }
  return faults;
}

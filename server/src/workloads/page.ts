import { crc32 } from 'node:zlib';
import type { Workload } from '@dollarbox/engines/workloads';
import type { Cursor, Page, PageRequest } from '../db/page.ts';
import { pageCreate } from '../db/page.ts';

/** A workload with its place in the list, which never changes. */
export type PlacedWorkload = Workload & { id: number };

/** Engines say the second in which an object was created; its identity tells those of one second apart. */
const PLACES_A_SECOND = 100_000;

/** A page of them, newest first, as other lists have: right while some come and go. */
export function workloadPage(
  workloads: readonly Workload[],
  request: PageRequest,
): Page<PlacedWorkload> {
  const { cursor, limit } = request;
  const placed = workloads
    .map((workload) => ({ ...workload, id: placeOf(workload) }))
    .toSorted((a, b) => b.id - a.id);
  const isOlder = ({ id }: PlacedWorkload, { position }: Cursor) => id < position;
  if (cursor === null) return pageCreate(request, placed.slice(0, limit + 1), false);
  const isBackwards = cursor.backwards;
  const wanted = isBackwards
    ? placed.filter(({ id }) => id > cursor.position).toReversed()
    : placed.filter((each) => isOlder(each, cursor));
  const isBeyond = isBackwards
    ? placed.some(({ id }) => id <= cursor.position)
    : placed.some(({ id }) => id >= cursor.position);
  return pageCreate(request, wanted.slice(0, limit + 1), isBeyond);
}

function placeOf({ createdAt, uid }: Workload): number {
  return Math.floor(createdAt.getTime() / 1000) * PLACES_A_SECOND + (crc32(uid) % PLACES_A_SECOND);
}

import type { OrgActor } from '../changes/actor.ts';
import { changedFields, changedKeys } from '../changes/changed-fields.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { DomainError, InvalidInput, contended, objectMissing } from '../base/domain-error.ts';
import type { FieldFaults } from '../base/errors.ts';
import { storageRequire } from '../installation/store.ts';
import { removalRoomRequire } from '../orgs/removals.ts';
import { orgRoomRequire } from '../orgs/store.ts';
import {
  mountsAttach,
  mountsLock,
  mountsRelease,
  mountsRequire,
  mountsWrite,
} from '../volumes/mounts.ts';
import { volumeDeletionRecord } from '../volumes/operations.ts';
import { containerInsert } from './insert.ts';
import {
  type ContainerDesired,
  containerDesiredEqual,
  containerMerge,
  specFaults,
} from './rules.ts';
import * as store from './store.ts';

// The caller must hold the lock of the actor's org if an operation counts containers: for `containerCreate` and
// `containerDelete`. Each throws DomainError.

type Deps = Pick<ChangeDeps, 'clock' | 'secrets'>;

/** How often a create is tried if its conflict has disappeared when the operation looks for it. */
const CREATE_ATTEMPTS = 5;

/** Creates a container and attaches its volumes. */
export async function containerCreate(
  trx: Trx,
  actor: OrgActor,
  desired: ContainerDesired,
  { clock, secrets }: Deps,
): Promise<store.ContainerRow> {
  for (let attempt = 1; attempt <= CREATE_ATTEMPTS; attempt += 1) {
    const at = clock.now();
    const row = await containerInsert(trx, secrets, { actor, desired, at });
    if (row !== null) {
      await mountsAttach(trx, actor.org.id, row.id, desired.volumes, at);
      return row;
    }
    await roomRequire(trx, actor.org.id, desired);
  }
  throw contended();
}

export interface ContainerChange {
  id: number;
  /** An absent field stays as it is. A present field is replaced as a whole. */
  change: Partial<ContainerDesired>;
  /** Called with the current container before anything is written; throws to refuse. */
  precondition?(row: store.ContainerRow): void;
}

/** Merges a change in. If it changes nothing, nothing is written; any other change is a new generation. */
export async function containerUpdate(
  trx: Trx,
  actor: OrgActor,
  { id, change, precondition }: ContainerChange,
  { clock, secrets }: Deps,
): Promise<store.ContainerRow> {
  const row = await containerHold(trx, actor, id);
  const now = store.containerRowDesired(row, secrets);
  const isReadable = store.envOpen(secrets, row.env_sealed) !== null;
  const mounts = change.volumes && (await mountsLock(trx, actor.org.id, row.id, change.volumes));
  const faults = { ...changeFaults(change, now.name, isReadable), ...mounts?.faults };
  if (Object.keys(faults).length > 0) throw new InvalidInput(faults);
  precondition?.(row);
  const desired = containerMerge(now, change);
  if (isReadable && containerDesiredEqual(now, desired)) return row;
  const tooLarge = specFaults(desired);
  if (Object.keys(tooLarge).length > 0) throw new InvalidInput(tooLarge);
  const at = clock.now();
  if (mounts !== undefined) await mountsWrite(trx, mounts.held, row.id, desired.volumes, at);
  const envChanged = keysDiffering(now.env, desired.env);
  const changed = await store.containerRowUpdate(trx, secrets, row.id, { desired, envChanged }, at);
  await changeRecord(trx, actor, {
    at,
    orgId: actor.org.id,
    action: 'container.update',
    objectKind: 'container',
    objectId: row.id,
    changes: {
      ...changedFields(specOf(now), specOf(desired)),
      ...changedKeys('env', now.env, desired.env),
    },
    detail: { name: row.name },
    wakes: 'container',
  });
  return changed;
}

/** What of a spec is never secret. */
function specOf({ env: _env, ...spec }: ContainerDesired): Record<string, unknown> {
  return spec;
}

/**
 * Stops a container, for as long as no client starts it. It keeps its address and its volumes. If it is to be stopped
 * already, nothing is written.
 */
export async function containerStop(
  trx: Trx,
  actor: OrgActor,
  { id }: { id: number },
  { clock }: Pick<Deps, 'clock'>,
): Promise<store.ContainerRow> {
  const row = await containerHold(trx, actor, id);
  if (row.is_stopped) return row;
  const changed = await store.containerRowStop(trx, id);
  await processRecord(trx, actor, 'container.stop', row, clock.now());
  return changed;
}

/** Starts a stopped container, in the version that is desired now. Otherwise nothing is written. */
export async function containerStart(
  trx: Trx,
  actor: OrgActor,
  { id }: { id: number },
  { clock }: Pick<Deps, 'clock'>,
): Promise<store.ContainerRow> {
  const row = await containerHold(trx, actor, id);
  if (!row.is_stopped) return row;
  const at = clock.now();
  const changed = await store.containerRowStart(trx, id, at);
  await processRecord(trx, actor, 'container.start', row, at);
  return changed;
}

/**
 * Replaces the object of a container by a new one of the same generation, at once, whatever delay it waits out. Starts
 * a stopped one.
 * @param input.pull whether its image is pulled again first. Until the image is there, the process keeps running.
 */
export async function containerRestart(
  trx: Trx,
  actor: OrgActor,
  { id, pull }: { id: number; pull: boolean },
  { clock }: Pick<Deps, 'clock'>,
): Promise<store.ContainerRow> {
  const row = await containerHold(trx, actor, id);
  const at = clock.now();
  if (row.is_stopped) await store.containerRowStart(trx, id, at);
  const changed = await store.containerRowRestart(trx, id, at, pull);
  await processRecord(trx, actor, 'container.restart', row, at);
  return changed;
}

async function processRecord(
  trx: Trx,
  actor: OrgActor,
  action: 'container.stop' | 'container.start' | 'container.restart',
  { id, name }: store.ContainerRow,
  at: Date,
): Promise<void> {
  await changeRecord(trx, actor, {
    at,
    orgId: actor.org.id,
    action,
    objectKind: 'container',
    objectId: id,
    detail: { name },
    wakes: 'container',
  });
}

/**
 * Deletes a container. Deletion is a desired state: the row disappears from the API and the quota now, and from the
 * table when the engine has confirmed the removal. Its volumes are released: another container can mount them
 * immediately, and waits for the process to end.
 */
export async function containerDelete(
  trx: Trx,
  actor: OrgActor,
  { id, precondition }: Omit<ContainerChange, 'change'>,
  { clock }: Pick<Deps, 'clock'>,
): Promise<void> {
  const row = await containerHold(trx, actor, id);
  precondition?.(row);
  const at = clock.now();
  const gone = await mountsRelease(trx, row.id, at);
  await store.containerRowDelete(trx, row, at);
  await changeRecord(trx, actor, {
    at,
    orgId: actor.org.id,
    action: 'container.delete',
    objectKind: 'container',
    objectId: row.id,
    detail: { name: row.name },
    wakes: 'container',
  });
  for (const { id: volume, name } of gone) await volumeDeletionRecord(trx, actor, volume, name, at);
}

/** The keys that only one of two records has, or whose values differ. */
function keysDiffering(one: Record<string, string>, other: Record<string, string>): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => one[key] !== other[key]).toSorted();
}

async function containerHold(trx: Trx, { org }: OrgActor, id: number): Promise<store.ContainerRow> {
  const row = await store.containerLock(trx, org.id, id);
  if (row === null) throw objectMissing();
  return row;
}

/** The faults of a change that depend on the container itself. */
function changeFaults(
  change: ContainerChange['change'],
  name: string,
  isEnvReadable: boolean,
): FieldFaults {
  const faults: FieldFaults = {};
  if (change.name !== undefined && change.name !== name) {
    faults['name'] = ['A container keeps its name: delete it and create another one to rename it.'];
  }
  if (!isEnvReadable && change.env === undefined) {
    faults['env'] = ["What was stored can't be read any more: send all of it again."];
  }
  return faults;
}

/**
 * Reports the conflict of a create, if it still exists: first faults of the request, then a taken name, then a full
 * quota.
 */
async function roomRequire(
  trx: Trx,
  orgId: number,
  { name, volumes }: ContainerDesired,
): Promise<void> {
  await mountsRequire(trx, orgId, volumes);
  if (await store.containerNameIsTaken(trx, orgId, name)) {
    throw new DomainError(
      'name_taken',
      `This org has a container named "${name}" already: choose another name or delete that one.`,
      { name },
    );
  }
  await orgRoomRequire(trx, orgId);
  await removalRoomRequire(trx, orgId, 'containers');
  await storageRequire(trx, 'containers');
}

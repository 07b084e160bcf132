// What requests write, as containers/store.ts, volumes/store.ts and orgs/store.ts have it.
import type { Version } from '../containers/state.ts';
import type { ContainerDesired } from '../containers/rules.ts';
import { containerDesiredEqual, containerMerge } from '../containers/rules.ts';
import type { Mount } from '../db/types.ts';
import type { DesireStore } from './desire-store.ts';
import { type MemoryContainer, type MemoryTables, liveNamed, orgOf } from './memory-tables.ts';
import { volumeDesire } from './memory-volume-desire.ts';
import { workAdd, workWake } from './memory-work.ts';
import { versionDesired } from './spec.ts';

const ADDRESS_OFFSET = 65_536;
const VOLUME_GB = 50;

export function memoryDesire(tables: MemoryTables): DesireStore {
  function liveOf(orgId: number, id: number): MemoryContainer | null {
    const row = tables.containers.get(id);
    if (row === undefined || row.state.tenantId !== orgId || row.state.deletedAt !== null)
      return null;
    return row;
  }

  return {
    ...volumeDesire(tables),

    async orgCreate(_slug, containerLimit, volumeGbLimit = VOLUME_GB) {
      const id = tables.nextId();
      const limits = { containerLimit, containerCount: 0, volumeGbLimit, volumeGbCount: 0 };
      const ipv6Subnet = `fd00:0:0:${id.toString(16)}::/64`;
      tables.orgs.set(id, { id, ...limits, ipv4Subnet: null, ipv6Subnet });
      return id;
    },

    async containerCreate(orgId, desired, now) {
      const org = orgOf(tables, orgId);
      if (!mountsAreKnown(tables, orgId, desired.volumes)) return { outcome: 'volume_refused' };
      if (liveNamed(tables, orgId, desired.name) !== undefined) return { outcome: 'name_taken' };
      if (org.containerCount >= org.containerLimit) return { outcome: 'quota_exceeded' };
      if (!mountsAreFree(tables, null, desired.volumes)) return { outcome: 'volume_refused' };
      tables.orgs.set(orgId, { ...org, containerCount: org.containerCount + 1 });
      const id = tables.nextId();
      tables.containers.set(id, containerNew(tables, id, org, desired, now));
      mountsWrite(tables, id, desired.volumes);
      workAdd(tables, 'container', id, now);
      return { outcome: 'created', id };
    },

    async containerUpdate(orgId, id, change, now) {
      const row = liveOf(orgId, id);
      if (row === null) return 'not_found';
      const { state } = row;
      const { volumes } = change;
      if (volumes !== undefined && !mountsAreKnown(tables, orgId, volumes)) return 'volume_refused';
      const desired = containerMerge(versionDesired(state.desired), change);
      if (containerDesiredEqual(versionDesired(state.desired), desired)) return 'done';
      if (!mountsAreFree(tables, id, desired.volumes)) return 'volume_refused';
      mountsWrite(tables, id, desired.volumes);
      tables.containers.set(id, {
        ...row,
        revision: row.revision + 1,
        state: {
          ...state,
          desired: { ...state.desired, ...desired, volumes: mountsOf(tables, desired.volumes) },
          generation: state.generation + 1,
          restartCount: 0,
          statusReason: null,
          statusMessage: null,
          attemptAt: now,
          pullStartedAt: null,
          pullRetries: 0,
          restartAt: null,
        },
      });
      workWake(tables, 'container', id, now);
      return 'done';
    },

    async containerDelete(orgId, id, now) {
      const row = liveOf(orgId, id);
      if (row === null) return false;
      const org = orgOf(tables, orgId);
      tables.orgs.set(orgId, { ...org, containerCount: org.containerCount - 1 });
      mountsWrite(tables, id, []);
      tables.containers.set(id, { ...row, state: { ...row.state, deletedAt: now } });
      workWake(tables, 'container', id, now);
      return true;
    },
  };
}

function mountsAreKnown(tables: MemoryTables, orgId: number, mounts: readonly Mount[]): boolean {
  return mounts.every(({ volume }) => {
    const state = tables.volumes.get(volume)?.state;
    return state !== undefined && state.tenantId === orgId && state.deletedAt === null;
  });
}

function mountsAreFree(
  tables: MemoryTables,
  containerId: number | null,
  mounts: readonly Mount[],
): boolean {
  return mounts.every(({ volume }) => {
    const mounter = tables.volumes.get(volume)?.containerId ?? null;
    return mounter === null || mounter === containerId;
  });
}

/** Makes the mounts of a container just these. */
function mountsWrite(tables: MemoryTables, containerId: number, mounts: readonly Mount[]): void {
  const wanted = new Map(mounts.map((mount) => [mount.volume, mount.mount_path]));
  for (const [id, row] of tables.volumes) {
    const mountPath = wanted.get(id) ?? null;
    if (row.containerId !== containerId && mountPath === null) continue;
    if (row.mountPath === mountPath) continue;
    const mounter = mountPath === null ? null : containerId;
    tables.volumes.set(id, {
      ...row,
      containerId: mounter,
      mountPath,
      revision: row.revision + 1,
    });
  }
}

function mountsOf(tables: MemoryTables, mounts: readonly Mount[]): Version['volumes'] {
  return mounts.map(({ volume: id, mount_path: mountPath }) => ({
    volume: { id, uid: tables.volumes.get(id)?.state.uid ?? '' },
    mountPath,
  }));
}

function containerNew(
  tables: MemoryTables,
  id: number,
  org: { id: number; ipv6Subnet: string },
  desired: ContainerDesired,
  now: Date,
): MemoryContainer {
  const ipv6Address = org.ipv6Subnet.replace('/64', `${(id + ADDRESS_OFFSET).toString(16)}`);
  const volumes = mountsOf(tables, desired.volumes);
  return {
    observedGeneration: 0,
    revision: 1,
    state: {
      id,
      tenantId: org.id,
      deletedAt: null,
      generation: 1,
      desired: { ...desired, id, tenantId: org.id, ipv6Address, volumes },
      applied: null,
      appliedRef: null,
      status: 'pending',
      statusReason: null,
      statusMessage: null,
      restartCount: 0,
      attemptAt: now,
      pullStartedAt: null,
      pullRetries: 0,
      stopRef: null,
      stopRequestedAt: null,
      exitTimes: [],
      exitRef: null,
      exitFinishedAt: null,
      restartAt: null,
    },
  };
}

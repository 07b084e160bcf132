// What requests write, matching containers/store.ts, volumes/store.ts and orgs/store.ts.
import type { Version } from '../../../server/src/containers/state.ts';
import type { ContainerDesired } from '../../../server/src/containers/rules.ts';
import { containerDesiredEqual, containerMerge } from '../../../server/src/containers/rules.ts';
import type { Mount } from '../../../server/src/db/types.ts';
import type { DesireStore } from './desire-store.ts';
import { imageVolumesDelete } from './memory-image-volumes.ts';
import {
  type MemoryContainer,
  type MemoryTables,
  liveNamed,
  orgOf,
  removalsOf,
} from './memory-tables.ts';
import { volumeDesire } from './memory-volume-desire.ts';
import { workAdd, workWake, workWakeOrg } from './memory-work.ts';
import { stateDesired } from './spec.ts';

const ADDRESS_OFFSET = 65_536;
const VOLUME_GB = 50;
const REMOVALS = 20;

export function memoryDesire(tables: MemoryTables): DesireStore {
  function liveOf(orgId: number, id: number): MemoryContainer | null {
    const row = tables.containers.get(id);
    if (row === undefined || row.state.tenantId !== orgId || row.state.deletedAt !== null)
      return null;
    return row;
  }

  return {
    ...volumeDesire(tables),

    async orgCreate(_slug, containerLimit, volumeGbLimit = VOLUME_GB, removalLimit = REMOVALS) {
      const id = tables.nextId();
      const counts = { containerCount: 0, volumeGbCount: 0 };
      const limits = { ...counts, containerLimit, volumeGbLimit, removalLimit };
      const ipv6Subnet = `fd00:0:0:${id.toString(16)}::/64`;
      tables.orgs.set(id, { id, isSuspended: false, ...limits, ipv4Subnet: null, ipv6Subnet });
      return id;
    },

    async orgSuspend(orgId, now) {
      tables.orgs.set(orgId, { ...orgOf(tables, orgId), isSuspended: true });
      workWakeOrg(tables, orgId, now);
    },

    async orgResume(orgId, now) {
      tables.orgs.set(orgId, { ...orgOf(tables, orgId), isSuspended: false });
      const begun = { attemptAt: now, pullStartedAt: null, pullRetries: 0, restartAt: null };
      for (const [id, row] of tables.containers) {
        if (row.state.tenantId !== orgId || row.state.deletedAt !== null) continue;
        const cleared = { statusReason: null, statusMessage: null, nextRetryAt: null };
        const state = { ...row.state, ...begun, ...cleared };
        tables.containers.set(id, { ...row, revision: row.revision + 1, state });
      }
      workWakeOrg(tables, orgId, now);
    },

    async containerCreate(orgId, desired, now) {
      const org = orgOf(tables, orgId);
      if (!mountsAreKnown(tables, orgId, desired.volumes)) return { outcome: 'volume_refused' };
      if (liveNamed(tables, orgId, desired.name) !== undefined) return { outcome: 'name_taken' };
      if (org.containerCount >= org.containerLimit) return { outcome: 'quota_exceeded' };
      if (removalsOf(tables.containers, orgId) >= org.removalLimit + org.containerLimit) {
        return { outcome: 'quota_exceeded' };
      }
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
      const written = stateDesired(state);
      const desired = containerMerge(written, change);
      if (containerDesiredEqual(written, desired)) return 'done';
      if (!mountsAreFree(tables, id, desired.volumes)) return 'volume_refused';
      mountsWrite(tables, id, desired.volumes);
      tables.containers.set(id, {
        ...row,
        revision: row.revision + 1,
        state: {
          ...state,
          desired: {
            ...state.desired,
            ...versionOf(desired),
            volumes: mountsOf(tables, desired.volumes),
          },
          pullPolicy: desired.pull_policy,
          stopGraceSeconds: desired.stop_grace_seconds,
          generation: state.generation + 1,
          restartCount: 0,
          statusReason: null,
          statusMessage: null,
          nextRetryAt: null,
          attemptAt: now,
          pullStartedAt: null,
          pullRetries: 0,
          restartAt: null,
        },
      });
      workWake(tables, 'container', id, now);
      return 'done';
    },

    async containerStop(orgId, id, now) {
      const row = liveOf(orgId, id);
      if (row === null) return false;
      if (row.state.isStopped) return true;
      const state = { ...row.state, isStopped: true };
      tables.containers.set(id, { ...row, revision: row.revision + 1, state });
      workWake(tables, 'container', id, now);
      return true;
    },

    async containerStart(orgId, id, now) {
      const row = liveOf(orgId, id);
      if (row === null) return false;
      if (row.state.isStopped) tables.containers.set(id, started(row, now));
      if (row.state.isStopped) workWake(tables, 'container', id, now);
      return true;
    },

    async containerRestart(orgId, id, pull, now) {
      const before = liveOf(orgId, id);
      if (before === null) return false;
      const row = before.state.isStopped ? started(before, now) : before;
      const again = { pullAgainAt: now, attemptAt: now, pullStartedAt: null, pullRetries: 0 };
      const state = {
        ...{ ...row.state, ...BEGUN, restartRef: row.state.appliedRef },
        ...(pull ? again : {}),
      };
      tables.containers.set(id, { ...row, revision: row.revision + 1, state });
      workWake(tables, 'container', id, now);
      return true;
    },

    async containerDelete(orgId, id, now) {
      const row = liveOf(orgId, id);
      if (row === null) return false;
      const org = orgOf(tables, orgId);
      tables.orgs.set(orgId, { ...org, containerCount: org.containerCount - 1 });
      mountsWrite(tables, id, []);
      imageVolumesDelete(tables, id, now);
      tables.containers.set(id, { ...row, state: { ...row.state, deletedAt: now } });
      workWake(tables, 'container', id, now);
      return true;
    },
  };
}

const BEGUN = {
  exitTimes: [],
  restartAt: null,
  statusReason: null,
  statusMessage: null,
  nextRetryAt: null,
};

function started(row: MemoryContainer, now: Date): MemoryContainer {
  const begun = { ...BEGUN, attemptAt: now, pullStartedAt: null, pullRetries: 0 };
  const state = { ...row.state, ...begun, isStopped: false, status: 'pending' as const };
  const statusSince = row.state.status === 'pending' ? row.statusSince : now;
  return { ...row, revision: row.revision + 1, statusSince, state };
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

/** Replaces the mounts of a container with these. */
function mountsWrite(tables: MemoryTables, containerId: number, mounts: readonly Mount[]): void {
  const wanted = new Map(mounts.map((mount) => [mount.volume, mount.mount_path]));
  for (const [id, row] of tables.volumes) {
    const mountPath = wanted.get(id) ?? null;
    if (row.containerId !== containerId && mountPath === null) continue;
    const { imageVolume, ...state } = row.state;
    if (imageVolume === undefined ? row.mountPath === mountPath : mountPath === null) continue;
    const mounter = mountPath === null ? null : containerId;
    tables.volumes.set(id, {
      ...row,
      state,
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

/** The part of a client's spec that belongs to a version. */
function versionOf({
  pull_policy: _pullPolicy,
  stop_grace_seconds: _stopGraceSeconds,
  ...desired
}: ContainerDesired) {
  return desired;
}

function containerNew(
  tables: MemoryTables,
  id: number,
  org: { id: number; ipv6Subnet: string },
  desired: ContainerDesired,
  now: Date,
): MemoryContainer {
  const given = org.ipv6Subnet.replace('/64', `${(id + ADDRESS_OFFSET).toString(16)}`);
  const ipv6Address = tables.isAssigning ? null : given;
  const volumes = mountsOf(tables, desired.volumes);
  return {
    statusSince: now,
    observedGeneration: 0,
    revision: 1,
    state: {
      id,
      tenantId: org.id,
      deletedAt: null,
      generation: 1,
      desired: { ...versionOf(desired), id, tenantId: org.id, ipv6Address, volumes },
      pullPolicy: desired.pull_policy,
      stopGraceSeconds: desired.stop_grace_seconds,
      ipv6Address,
      applied: null,
      appliedRef: null,
      status: 'pending',
      statusReason: null,
      statusMessage: null,
      nextRetryAt: null,
      restartCount: 0,
      warnings: [],
      attemptAt: now,
      pullStartedAt: null,
      pullRetries: 0,
      stopRef: null,
      stopRequestedAt: null,
      exitTimes: [],
      exitRef: null,
      exitCount: 0,
      exitFinishedAt: null,
      restartAt: null,
      isStopped: false,
      restartRef: null,
      pullAgainAt: null,
    },
  };
}

// What requests write, as containers/store.ts and orgs/store.ts have it.
import type { Version } from '../containers/plan.ts';
import type { ContainerDesired } from '../containers/rules.ts';
import { containerDesiredEqual, containerMerge } from '../containers/rules.ts';
import type { DesireStore } from './desire-store.ts';
import { type MemoryContainer, type MemoryTables, liveNamed, orgOf } from './memory-tables.ts';
import { workWake } from './memory-work.ts';

const ADDRESS_OFFSET = 65_536;

export function memoryDesire(tables: MemoryTables): DesireStore {
  function liveOf(orgId: number, id: number): MemoryContainer | null {
    const row = tables.containers.get(id);
    if (row === undefined || row.state.tenantId !== orgId || row.state.deletedAt !== null)
      return null;
    return row;
  }

  return {
    async orgCreate(_slug, containerLimit) {
      const id = tables.nextId();
      const ipv6Subnet = `fd00:0:0:${id.toString(16)}::/64`;
      tables.orgs.set(id, { id, containerLimit, containerCount: 0, ipv4Subnet: null, ipv6Subnet });
      return id;
    },

    async containerCreate(orgId, desired, now) {
      const org = orgOf(tables, orgId);
      if (liveNamed(tables, orgId, desired.name) !== undefined) return { outcome: 'name_taken' };
      if (org.containerCount >= org.containerLimit) return { outcome: 'quota_exceeded' };
      tables.orgs.set(orgId, { ...org, containerCount: org.containerCount + 1 });
      const id = tables.nextId();
      tables.containers.set(id, containerNew(id, org, desired, now));
      tables.work.set(id, {
        dueAt: now,
        wakeSeq: 0,
        leaseOwner: null,
        leaseUntil: null,
        fence: 0,
        failures: 0,
      });
      return { outcome: 'created', id };
    },

    async containerUpdate(orgId, id, change, now) {
      const row = liveOf(orgId, id);
      if (row === null) return false;
      const { state } = row;
      const desired = containerMerge(desiredOf(state.desired), change);
      if (containerDesiredEqual(desiredOf(state.desired), desired)) return true;
      tables.containers.set(id, {
        ...row,
        revision: row.revision + 1,
        state: {
          ...state,
          desired: { ...state.desired, ...desired },
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
      workWake(tables, id, now);
      return true;
    },

    async containerDelete(orgId, id, now) {
      const row = liveOf(orgId, id);
      if (row === null) return false;
      const org = orgOf(tables, orgId);
      tables.orgs.set(orgId, { ...org, containerCount: org.containerCount - 1 });
      tables.containers.set(id, { ...row, state: { ...row.state, deletedAt: now } });
      workWake(tables, id, now);
      return true;
    },
  };
}

function desiredOf(version: Version): ContainerDesired {
  const { name, image, env } = version;
  return { name, image, env, command: [...version.command], ports: [...version.ports] };
}

function containerNew(
  id: number,
  org: { id: number; ipv6Subnet: string },
  desired: ContainerDesired,
  now: Date,
): MemoryContainer {
  const ipv6Address = org.ipv6Subnet.replace('/64', `${(id + ADDRESS_OFFSET).toString(16)}`);
  return {
    observedGeneration: 0,
    revision: 1,
    state: {
      id,
      tenantId: org.id,
      deletedAt: null,
      generation: 1,
      desired: { ...desired, id, tenantId: org.id, ipv6Address, volumes: [] },
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

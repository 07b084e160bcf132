// The containers' part of the store in memory, matching containers/reconcile-store.ts.
import type { SubnetStore } from '@dollarbox/engines/subnets';
import { endTell } from '../../../server/src/containers/outcomes.ts';
import type { ContainerState } from '../../../server/src/containers/state.ts';
import { subnetIndexAfter } from '../../../server/src/orgs/subnet-store.ts';
import { type InstanceLines, instancesKept } from '../../../server/src/containers/kept-lines.ts';
import type { ContainerSweepRow } from '../../../server/src/containers/kind-store.ts';
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import { FenceLost } from '../../../server/src/reconciler/store.ts';
import {
  type MemoryContainer,
  type MemoryInstance,
  type MemoryTables,
  containerState,
  liveNamed,
  orgOf,
} from './memory-tables.ts';
import {
  workHeld,
  workHint,
  workReleaseOrThrow,
  workWake,
  workWakeBack,
  workWakeReleased,
} from './memory-work.ts';

const SUBNETS = 65_536;

/** The fields that a turn may record. The API writes the rest of a state. */
const FOUND = [
  'applied',
  'appliedRef',
  'ipv6Address',
  'status',
  'statusReason',
  'statusMessage',
  'nextRetryAt',
  'restartCount',
  'warnings',
  'attemptAt',
  'pullStartedAt',
  'pullRetries',
  'stopRef',
  'stopRequestedAt',
  'exitTimes',
  'exitRef',
  'exitCount',
  'exitFinishedAt',
  'restartAt',
  'pullAgainAt',
] as const satisfies (keyof ContainerState)[];

/** Those of the fields above that a PATCH resets. */
const OF_GENERATION: ReadonlySet<string> = new Set<keyof ContainerState>([
  'statusReason',
  'statusMessage',
  'nextRetryAt',
  'restartCount',
  'attemptAt',
  'pullStartedAt',
  'pullRetries',
  'restartAt',
]);

const SHOWING: ReadonlySet<string> = new Set<keyof ContainerState>([
  'status',
  'statusReason',
  'statusMessage',
  'nextRetryAt',
  'restartCount',
  'ipv6Address',
  'warnings',
  'appliedRef',
  'pullAgainAt',
]);

type MemoryContainers = Pick<
  ReconcileStore,
  | 'containerWorkRead'
  | 'containerRecord'
  | 'containerForget'
  | 'instanceRecord'
  | 'instancesRead'
  | 'linesKeep'
  | 'containerSweepRows'
  | 'containerImages'
  | 'containerMarkEnded'
  | 'containersMarkUnknown'
  | 'containersWakeUnknown'
  | 'orgIds'
>;

export function memoryContainers(tables: MemoryTables): MemoryContainers {
  function* live(): Iterable<MemoryContainer> {
    for (const row of tables.containers.values()) if (row.state.deletedAt === null) yield row;
  }

  return {
    async containerWorkRead(id) {
      const row = tables.containers.get(id);
      if (row === undefined) return null;
      const { ref, startedAt, isKept } = tables.instances.get(id)?.at(-1) ?? {};
      const isThere = ref !== undefined && startedAt !== undefined && isKept !== undefined;
      const lastInstance = isThere ? { ref, startedAt, isKept } : null;
      return { state: containerState(tables, row), lastInstance };
    },

    async containerRecord(claim, before, after, now, next, released = []) {
      workReleaseOrThrow(tables, claim, now, next);
      workWakeReleased(tables, claim, released, now);
      const row = tables.containers.get(claim.id);
      if (row !== undefined) tables.containers.set(claim.id, recorded(row, before, after, now));
    },

    async instanceRecord(claim, generation, { ref, startedAt, isApart, missed = 0 }) {
      if (workHeld(tables, claim) === null) throw new FenceLost();
      const all = tables.instances.get(claim.id) ?? [];
      const isSame = (one: MemoryInstance) => one.ref === ref && +one.startedAt === +startedAt;
      if (all.some(isSame)) {
        const revived = all.map((one) => (isSame(one) ? instanceRevived(one) : one));
        tables.instances.set(claim.id, revived);
        return;
      }
      const number = (all.at(-1)?.number ?? 0) + 1 + missed;
      const former = isApart ? undefined : all.find((one) => one.ref === ref);
      const object = former?.object ?? number;
      const state = { isKept: false, isCutOff: false, kept: null };
      const added = { number, object, ref, startedAt, generation, ...state };
      tables.instances.set(claim.id, [...all, added]);
    },

    async instancesRead(id) {
      return [...(tables.instances.get(id) ?? [])];
    },

    async linesKeep(claim, ref, lines) {
      if (workHeld(tables, claim) === null) throw new FenceLost();
      const all = tables.instances.get(claim.id) ?? [];
      const kept = all.map((one) => (one.ref === ref ? instanceKept(one, lines) : one));
      const wanted = instancesKept(kept);
      const trimmed = kept.map((one) => (wanted.has(one.number) ? one : linesDropped(one)));
      tables.instances.set(claim.id, trimmed);
    },

    async containerForget(claim, now, released = []) {
      if (workHeld(tables, claim) === null) throw new FenceLost();
      const row = tables.containers.get(claim.id);
      tables.work.delete(claim.id);
      if (row === undefined || row.state.deletedAt === null) return;
      tables.containers.delete(claim.id);
      tables.instances.delete(claim.id);
      const successor = liveNamed(tables, row.state.tenantId, row.state.desired.name);
      if (successor !== undefined) workWake(tables, 'container', successor.state.id, now);
      workWakeReleased(tables, claim, released, now);
    },

    async containerSweepRows() {
      return Array.from(tables.containers.values(), ({ state }): ContainerSweepRow => {
        const { id, appliedRef, ipv6Address, status, deletedAt, statusReason, exitRef, exitCount } =
          state;
        const work = tables.work.get(id);
        return {
          id,
          appliedRef,
          ipv6Address,
          exitRef,
          exitCount,
          status,
          isDeleted: deletedAt !== null,
          dueAt: work?.dueAt ?? null,
          isHeld: (work?.leaseOwner ?? null) !== null,
          isUnknown: statusReason === 'engine_error',
        };
      });
    },

    async containerImages() {
      const images = new Set<string>();
      for (const { state } of tables.containers.values()) {
        images.add(state.desired.image);
        if (state.applied !== null) images.add(state.applied.version.image);
      }
      return images;
    },

    async containerMarkEnded(id, ended, now) {
      const row = tables.containers.get(id);
      const { status, deletedAt, appliedRef, stopRef } = row?.state ?? {};
      const isHealthy = status === 'running' && deletedAt === null && appliedRef === ended.ref;
      (isHealthy ? workWake : workHint)(tables, 'container', id, now);
      if (row === undefined || !isHealthy || stopRef === ended.ref) return;
      if (row.state.isStopped || row.state.restartRef === ended.ref) return;
      if (row.observedGeneration !== row.state.generation) return;
      const { status_reason: statusReason, status_message: statusMessage } = endTell(ended);
      const reported = {
        status: 'failed' as const,
        statusReason,
        statusMessage,
        nextRetryAt: null,
      };
      const state = { ...row.state, ...reported };
      tables.containers.set(id, { ...row, revision: row.revision + 1, statusSince: now, state });
    },

    async containersMarkUnknown(message) {
      for (const row of live()) {
        const { state } = row;
        if (state.status !== 'running' || state.statusReason === 'engine_error') continue;
        const isReported = state.statusReason !== null;
        if (row.observedGeneration !== state.generation && !isReported) continue;
        const reported = { statusReason: 'engine_error', statusMessage: message };
        const marked = { ...row, revision: row.revision + 1, state: { ...state, ...reported } };
        tables.containers.set(state.id, marked);
      }
    },

    async containersWakeUnknown(since, now) {
      const isUnknown = (id: number): boolean => {
        const state = tables.containers.get(id)?.state;
        return state?.deletedAt === null && state.statusReason === 'engine_error';
      };
      workWakeBack(tables, 'container', isUnknown, since, now);
    },

    async orgIds() {
      return new Set(tables.orgs.keys());
    },
  };
}

function instanceKept(one: MemoryInstance, lines: readonly InstanceLines[] | null): MemoryInstance {
  const read = lines?.find(({ number }) => number === one.number);
  const isLess = (read?.lines ?? null) === null || (read?.count ?? 0) < (one.kept?.count ?? 0);
  if (one.isKept && isLess) return one;
  return { ...one, isKept: true, isCutOff: read?.isCutOff === true, kept: read ?? null };
}

function instanceRevived(one: MemoryInstance): MemoryInstance {
  return { ...one, isKept: false, isCutOff: false, kept: null };
}

function linesDropped(one: MemoryInstance): MemoryInstance {
  return { ...one, kept: null };
}

/** The subnets of the networks of orgs, matching orgs/subnet-store.ts. */
export function memorySubnets(tables: MemoryTables, firstIndex: number): SubnetStore {
  function assign(orgId: number, refused: string | null, startIndex: number) {
    const org = orgOf(tables, orgId);
    let { ipv4Subnet } = org;
    if (ipv4Subnet === null || ipv4Subnet === refused) {
      ipv4Subnet = subnetFree(tables, refused, startIndex);
      tables.orgs.set(orgId, { ...org, ipv4Subnet });
    }
    return { ipv4Subnet, ipv6Subnet: org.ipv6Subnet };
  }
  return {
    ensure: async (orgId) => assign(orgId, null, firstIndex),
    replace: async (orgId, refused) => assign(orgId, refused, subnetIndexAfter(refused)),
  };
}

function recorded(
  row: MemoryContainer,
  before: ContainerState,
  after: ContainerState,
  now: Date,
): MemoryContainer {
  const isPatched = row.state.generation !== before.generation;
  const changes: Partial<Record<keyof ContainerState, unknown>> = {};
  let shows = false;
  for (const key of FOUND) {
    if (isSame(before[key], after[key])) continue;
    shows ||= SHOWING.has(key);
    if (isPatched && OF_GENERATION.has(key)) continue;
    if (isOvertaken(row.state, before, after, key)) continue;
    changes[key] = after[key];
  }
  const appliedGeneration = after.applied?.generation ?? 0;
  const isNewlyObserved = appliedGeneration !== (before.applied?.generation ?? 0);
  const state = { ...row.state, ...(changes as Partial<ContainerState>) };
  return {
    state,
    statusSince: state.status === row.state.status ? row.statusSince : now,
    observedGeneration: isNewlyObserved ? appliedGeneration : row.observedGeneration,
    revision: row.revision + (shows || isNewlyObserved ? 1 : 0),
  };
}

/** Whether a client has asked for something else since the turn began, so that a finding no longer counts. */
function isOvertaken(
  row: MemoryContainer['state'],
  before: ContainerState,
  after: ContainerState,
  key: keyof ContainerState,
): boolean {
  if (key === 'status' && after.status === 'stopped') return row.isStopped !== before.isStopped;
  return key === 'pullAgainAt' && !isSame(row.pullAgainAt, before.pullAgainAt);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The first free /26 of 10.64.0.0/10 from an index on that was not refused. */
function subnetFree(tables: MemoryTables, refused: string | null, startIndex: number): string {
  const taken = new Set(Array.from(tables.orgs.values(), (org) => org.ipv4Subnet));
  for (let count = 0; count < SUBNETS; count += 1) {
    const subnet = subnetAt((startIndex + count) % SUBNETS);
    if (subnet !== refused && !taken.has(subnet)) return subnet;
  }
  throw new Error('All IPv4 networks are taken.');
}

function subnetAt(index: number): string {
  const address = 0x0a_40_00_00 + index * 64;
  const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
  return `${bytes.join('.')}/26`;
}

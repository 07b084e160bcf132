// The containers' part of the store in memory, as containers/reconcile-store.ts has it.
import type { TenantSpec } from '@dollarbox/engines/contract';
import { endTell } from '../containers/outcomes.ts';
import type { ContainerState } from '../containers/state.ts';
import { FenceLost, type ReconcileStore, type SweepRow } from '../reconciler/store.ts';
import {
  type MemoryContainer,
  type MemoryTables,
  containerState,
  liveNamed,
  orgOf,
} from './memory-tables.ts';
import { workHeld, workReleaseOrThrow, workWake, workWakeReleased } from './memory-work.ts';

const SUBNETS = 65_536;

/** What a turn may find out. The rest of a state is the API's to write. */
const FOUND = [
  'applied',
  'appliedRef',
  'status',
  'statusReason',
  'statusMessage',
  'restartCount',
  'attemptAt',
  'pullStartedAt',
  'pullRetries',
  'stopRef',
  'stopRequestedAt',
  'exitTimes',
  'exitRef',
  'exitFinishedAt',
  'restartAt',
] as const satisfies (keyof ContainerState)[];

/** Of these, what a PATCH resets. */
const OF_GENERATION: ReadonlySet<string> = new Set<keyof ContainerState>([
  'statusReason',
  'statusMessage',
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
  'restartCount',
]);

type MemoryContainers = Pick<
  ReconcileStore,
  | 'containerWorkRead'
  | 'containerRecord'
  | 'containerForget'
  | 'containerSweepRows'
  | 'containerImages'
  | 'containerMarkEnded'
  | 'containersMarkUnknown'
  | 'containersWakeUnknown'
  | 'orgIds'
  | 'orgSubnetAssign'
>;

export function memoryContainers(tables: MemoryTables): MemoryContainers {
  function* live(): Iterable<MemoryContainer> {
    for (const row of tables.containers.values()) if (row.state.deletedAt === null) yield row;
  }

  return {
    async containerWorkRead(id) {
      const row = tables.containers.get(id);
      if (row === undefined) return null;
      const { id: orgId, ipv4Subnet, ipv6Subnet } = orgOf(tables, row.state.tenantId);
      return {
        state: containerState(tables, row),
        org: { id: orgId, ipv4Subnet, ipv6Subnet },
      };
    },

    async containerRecord(claim, before, after, now, next, released = []) {
      workReleaseOrThrow(tables, claim, now, next);
      workWakeReleased(tables, claim, released, now);
      const row = tables.containers.get(claim.id);
      if (row !== undefined) tables.containers.set(claim.id, recorded(row, before, after));
    },

    async containerForget(claim, now, released = []) {
      if (workHeld(tables, claim) === null) throw new FenceLost();
      const row = tables.containers.get(claim.id);
      tables.work.delete(claim.id);
      if (row === undefined || row.state.deletedAt === null) return;
      tables.containers.delete(claim.id);
      const heir = liveNamed(tables, row.state.tenantId, row.state.desired.name);
      if (heir !== undefined) workWake(tables, 'container', heir.state.id, now);
      workWakeReleased(tables, claim, released, now);
    },

    async containerSweepRows() {
      return Array.from(tables.containers.values(), ({ state }): SweepRow => {
        const { id, appliedRef, status, deletedAt, statusReason } = state;
        const work = tables.work.get(id);
        return {
          id,
          appliedRef,
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
      workWake(tables, 'container', id, now);
      if (row === undefined || row.observedGeneration !== row.state.generation) return;
      const { status, deletedAt, appliedRef, stopRef } = row.state;
      if (status !== 'running' || deletedAt !== null) return;
      if (appliedRef !== ended.ref || stopRef === ended.ref) return;
      const { status_reason: statusReason, status_message: statusMessage } = endTell(ended);
      const state = { ...row.state, status: 'failed' as const, statusReason, statusMessage };
      tables.containers.set(id, { ...row, revision: row.revision + 1, state });
    },

    async containersMarkUnknown(message) {
      for (const row of live()) {
        const { state } = row;
        if (state.status !== 'running' || state.statusReason === 'engine_error') continue;
        const isTold = state.statusReason !== null;
        if (row.observedGeneration !== state.generation && !isTold) continue;
        const told = { statusReason: 'engine_error', statusMessage: message };
        const marked = { ...row, revision: row.revision + 1, state: { ...state, ...told } };
        tables.containers.set(state.id, marked);
      }
    },

    async containersWakeUnknown(now) {
      for (const { state } of tables.containers.values()) {
        const isUnknown = state.deletedAt === null && state.statusReason === 'engine_error';
        const hasFailed = (tables.work.get(state.id)?.failures ?? 0) > 0;
        if (isUnknown || hasFailed) workWake(tables, 'container', state.id, now);
      }
    },

    async orgIds() {
      return new Set(tables.orgs.keys());
    },

    async orgSubnetAssign(orgId, refused, startIndex): Promise<TenantSpec> {
      const org = orgOf(tables, orgId);
      let ipv4Subnet = org.ipv4Subnet;
      if (ipv4Subnet === refused) {
        ipv4Subnet = subnetFree(tables, refused, startIndex);
        tables.orgs.set(orgId, { ...org, ipv4Subnet });
      }
      return { id: orgId, ipv4Subnet: ipv4Subnet ?? '', ipv6Subnet: org.ipv6Subnet };
    },
  };
}

function recorded(
  row: MemoryContainer,
  before: ContainerState,
  after: ContainerState,
): MemoryContainer {
  const isPatched = row.state.generation !== before.generation;
  const changes: Partial<Record<keyof ContainerState, unknown>> = {};
  let shows = false;
  for (const key of FOUND) {
    if (isSame(before[key], after[key])) continue;
    shows ||= SHOWING.has(key);
    if (isPatched && OF_GENERATION.has(key)) continue;
    changes[key] = after[key];
  }
  const appliedGeneration = after.applied?.generation ?? 0;
  const isNewlyObserved = appliedGeneration !== (before.applied?.generation ?? 0);
  return {
    state: { ...row.state, ...(changes as Partial<ContainerState>) },
    observedGeneration: isNewlyObserved ? appliedGeneration : row.observedGeneration,
    revision: row.revision + (shows || isNewlyObserved ? 1 : 0),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The first free /26 of 10.64.0.0/10 from an index on, that was not refused. */
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

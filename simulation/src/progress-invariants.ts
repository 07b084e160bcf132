// What must hold of a container's row and its place in the queue: what rests is as it should be, and the rest moves on.
import { SETTLE_DEADLINE_MS } from '../../server/src/containers/state.ts';
import type { StoredContainer, StoredWork } from './stores/desire-store.ts';
import { isVolumeBlocked } from './volume-invariants.ts';
import { exitsUncounted } from './world/exits.ts';
import { OURS } from './world/installations.ts';
import { DELETED_MS, SLACK_MS, SWEPT_MS, TURN_MS } from './world/patience.ts';
import type { Stage } from './world/stage.ts';

export interface ProgressChecks {
  restCheck(row: StoredContainer, work: StoredWork): void;
  /** @param calmMs for how long nothing has disturbed anything. */
  calmCheck(row: StoredContainer, work: StoredWork, nowMs: number, calmMs: number): void;
}

export function progressChecksCreate({ witness, world }: Stage): ProgressChecks {
  const { fail } = witness;

  /** An object at rest must be as it should be, as far as anybody was notified. */
  function restCheck({ state, observedGeneration }: StoredContainer, work: StoredWork): void {
    if (work.dueAt !== null) return;
    const { id, status } = state;
    if (state.deletedAt !== null) return fail('rest', `${id} is deleted, and nothing is due`);
    if (state.isSuspended || state.isStopped) {
      const isThere = world.containerFind(OURS, id) !== undefined && !witness.dirty.has(id);
      if (status === 'stopped' && !isThere) return undefined;
      return fail('stopped', `${id} is to be stopped and is ${status}, and nothing is due`);
    }
    // A container that waits for an unavailable volume is woken by that volume.
    const isBlocked = isVolumeBlocked(state) && state.statusReason !== null;
    if (isBlocked && status !== 'running') return undefined;
    if (observedGeneration !== state.generation && !isBlocked) {
      return fail('rest', `${id} has a change outstanding, and nothing is due`);
    }
    if (status !== 'running') return fail('rest', `${id} is ${status}, and nothing is due`);
    const container = world.containerFind(OURS, id);
    if (witness.dirty.has(id)) return undefined;
    const uncounted = exitsUncounted(world, state);
    if ((container?.address ?? null) !== state.ipv6Address && container !== undefined) {
      fail('address', `${id} is shown with ${state.ipv6Address}, and has ${container.address}`);
    }
    if (uncounted > 0) fail('exits', `${uncounted} exits of ${id} are not counted`);
    if (container?.state === 'running') return undefined;
    return fail('status', `${id} is reported as running and is ${container?.state ?? 'gone'}`);
  }

  /** After enough time without disturbance, everything makes progress. */
  function calmCheck(row: StoredContainer, work: StoredWork, nowMs: number, calmMs: number): void {
    const { state, observedGeneration } = row;
    const { id } = state;
    if (work.dueAt !== null && calmMs > TURN_MS && nowMs - work.dueAt.getTime() > TURN_MS) {
      fail('turns', `${id} has been due since ${work.dueAt.toISOString()}`);
    }
    const isReported = state.status === 'running' && state.deletedAt === null;
    if ((isReported || work.dueAt === null) && calmMs > SWEPT_MS) {
      const container = world.containerFind(OURS, id);
      const sinceMs = witness.dirty.get(id) ?? nowMs;
      const isStopped = state.isSuspended || state.isStopped;
      const isKnown = isStopped || (isVolumeBlocked(state) && state.status === 'failed');
      if (container?.state !== 'running' && nowMs - sinceMs > SWEPT_MS && !isKnown) {
        fail('sweep', `${id} has been down for long, and nobody knows`);
      }
    }
    if (state.deletedAt !== null) {
      if (calmMs > DELETED_MS && nowMs - state.deletedAt.getTime() > DELETED_MS) {
        fail('deletion', `${id} was deleted long ago, and is still there`);
      }
      return;
    }
    retryCheck(state, work, nowMs, calmMs);
    const began = state.pullStartedAt ?? state.attemptAt;
    const isOutstanding = observedGeneration < state.generation && !state.isStopped;
    if (!isOutstanding || state.statusReason !== null || calmMs < SLACK_MS) return;
    if (nowMs - began.getTime() > SETTLE_DEADLINE_MS + SLACK_MS) {
      fail('deadline', `${id} has a change outstanding past its deadline`);
    }
  }

  /** What says that it is tried again has a turn by then, after which it no longer says so. */
  function retryCheck(
    { id, nextRetryAt }: StoredContainer['state'],
    work: StoredWork,
    nowMs: number,
    calmMs: number,
  ): void {
    if (nextRetryAt === null) return;
    const lateMs = nowMs - nextRetryAt.getTime();
    const isDue = work.dueAt !== null && (work.dueAt <= nextRetryAt || lateMs > 0);
    if (work.leaseOwner === null && !isDue) {
      fail('retry', `${id} is tried again at ${nextRetryAt.toISOString()}, and is not due`);
    }
    if (Math.min(lateMs, calmMs) > TURN_MS) {
      fail('retry', `${id} was to be tried again at ${nextRetryAt.toISOString()}`);
    }
  }

  return { restCheck, calmCheck };
}

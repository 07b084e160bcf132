import { containerSpecHash } from '@dollarbox/engines/contract';
import { SETTLE_DEADLINE_MS, type Version } from '../../server/src/containers/state.ts';
import { containerDesiredEqual } from '../../server/src/containers/rules.ts';
import type { Snapshot, StoredContainer, StoredWork } from './stores/desire-store.ts';
import { imagePublished } from './world/images.ts';
import { removalsOf } from './stores/memory-tables.ts';
import { specOf, stateDesired, versionDesired } from './stores/spec.ts';
import type { Stage } from './world/stage.ts';
import { DELETED_MS, SLACK_MS, SWEPT_MS, TURN_MS } from './world/patience.ts';
import { isVolumeBlocked, volumeChecksCreate } from './volume-invariants.ts';
import { OURS } from './world/installations.ts';
import { exitsUncounted } from './world/exits.ts';
import { foreignersOf } from './world/world.ts';

/** Remembers, between checks, values that may only grow. */
export interface Checks {
  /** @throws nothing: faults are reported to the witness. */
  check(snapshot: Snapshot): void;
}

export function checksCreate(stage: Stage): Checks {
  const { witness, world, clock, model, conditions } = stage;
  const observedGenerations = new Map<number, number>();
  const addresses = new Map<number, string | null>();
  const { fail } = witness;
  const volumes = volumeChecksCreate(stage);

  function check(snapshot: Snapshot): void {
    const nowMs = clock.now().getTime();
    const sinceMs = conditions.calmSinceMs();
    // What a wrong clock has written, a lease for instance, stays until the right time reaches it.
    const isCalm = witness.clocksAreRight() && stage.processes.some(({ life }) => life.runs());
    const calmMs = isCalm ? nowMs - sinceMs : 0;
    orgsCheck(snapshot);
    engineCheck();
    volumes.check(snapshot, calmMs);
    for (const known of model.live()) {
      if (!snapshot.containers.has(known.id)) fail('acknowledged', `${known.id} is lost`);
    }
    for (const [id, row] of snapshot.containers) {
      const work = snapshot.work.get(id);
      if (work === undefined) {
        fail('queue', `${id} has no place in the queue`);
        continue;
      }
      rowCheck(row);
      restCheck(row, work);
      if (calmMs > 0) calmCheck(row, work, nowMs, calmMs);
    }
    for (const id of snapshot.work.keys()) {
      if (!snapshot.containers.has(id)) fail('queue', `${id} is in the queue without a row`);
    }
  }

  function orgsCheck({ orgs, containers }: Snapshot): void {
    const subnets = new Set<string>();
    for (const org of orgs) {
      let count = 0;
      for (const { state } of containers.values()) {
        if (state.tenantId === org.id && state.deletedAt === null) count += 1;
      }
      if (org.containerCount !== count) {
        fail('quota', `org ${org.id} counts ${org.containerCount} and has ${count}`);
      }
      const removed = removalsOf(containers, org.id);
      // What was deleted since the last create was live then.
      if (removed + count > org.removalLimit + 2 * org.containerLimit - 1) {
        fail('removals', `org ${org.id} has ${removed} deleted containers beside ${count}`);
      }
      if (count !== model.live(org.id).length) {
        fail(
          'acknowledged',
          `org ${org.id} has ${count}, its clients ${model.live(org.id).length}`,
        );
      }
      if (org.ipv4Subnet === null) continue;
      if (subnets.has(org.ipv4Subnet)) fail('networks', `two orgs have ${org.ipv4Subnet}`);
      subnets.add(org.ipv4Subnet);
    }
  }

  function engineCheck(): void {
    const ids = new Set<number>();
    const names = new Map<string, number>();
    for (const { installationId, spec, state, address } of world.containers.values()) {
      if (installationId !== OURS) continue;
      if (ids.has(spec.id)) fail('one object', `${spec.id} has two objects`);
      ids.add(spec.id);
      if (state !== 'running' && state !== 'paused') continue;
      for (const key of [`${spec.tenantId} ${spec.name}`, address]) {
        if (key === null) continue;
        const other = names.get(key);
        if (other !== undefined) fail('one name', `${spec.id} and ${other} both answer for ${key}`);
        names.set(key, spec.id);
      }
    }
    if (stage.foreigners !== foreignersOf(world))
      fail('foreign', 'an object of others has changed');
  }

  /** A row must match what was requested and what was done. */
  function rowCheck({ state, observedGeneration }: StoredContainer): void {
    const { id, applied, generation } = state;
    const known = model.containers.get(id);
    if (known === undefined) return fail('acknowledged', `${id} was never asked for`);
    if (known.generation !== generation) {
      fail('acknowledged', `${id} has generation ${generation}, not ${known.generation}`);
    }
    if (!containerDesiredEqual(known.desired, stateDesired(state))) {
      fail('acknowledged', `${id} is not what was asked for`);
    }
    if (state.isStopped !== known.isStopped) {
      fail('acknowledged', `${id} is ${state.isStopped ? '' : 'not '}to be stopped`);
    }
    if ((state.deletedAt !== null) !== (known.deletedAtMs !== null)) {
      fail('acknowledged', `${id} is ${state.deletedAt === null ? 'not ' : ''}deleted`);
    }
    if (observedGeneration > generation || observedGeneration !== (applied?.generation ?? 0)) {
      fail('observed', `${id} is observed at ${observedGeneration} of ${generation}`);
    }
    const before = observedGenerations.get(id) ?? 0;
    if (observedGeneration < before) {
      fail('observed', `${id} was observed at ${before}, and now at ${observedGeneration}`);
    }
    observedGenerations.set(id, observedGeneration);
    addressCheck(state);
    if (applied !== null) {
      const asked = known.versions.get(applied.generation);
      if (
        asked === undefined ||
        !containerDesiredEqual(asked, versionDesired(askedOf(applied.version), asked))
      ) {
        fail(
          'observed',
          `${id} runs something else than generation ${applied.generation} asked for`,
        );
      }
      if (applied.imageId !== null) {
        const hash = containerSpecHash(specOf(applied.version, applied.imageId));
        if (witness.made.get(id)?.has(hash) !== true) {
          fail('observed', `generation ${applied.generation} of ${id} was never made`);
        }
      }
    }
    if (state.restartCount > (witness.starts.get(id) ?? 0)) {
      fail(
        'restarts',
        `${id} counts ${state.restartCount} restarts, of ${witness.starts.get(id)} starts`,
      );
    }
    if (state.exitTimes.length > (witness.ends.get(id) ?? 0)) {
      fail(
        'exits',
        `${id} counts ${state.exitTimes.length} exits, of ${witness.ends.get(id) ?? 0}`,
      );
    }
    reasonCheck(state);
  }

  /** A container's address never changes, and is the one that its object has, if any. */
  function addressCheck({ id, ipv6Address, desired }: StoredContainer['state']): void {
    const before = addresses.get(id) ?? null;
    if (before !== null && ipv6Address !== before) {
      fail('address', `${id} had the address ${before}, and now ${ipv6Address}`);
    }
    addresses.set(id, ipv6Address);
    if (world.addressing === 'given' && ipv6Address !== desired.ipv6Address) {
      fail('address', `${id} is shown with ${ipv6Address}, not ${desired.ipv6Address}`);
    }
    const address = world.containerFind(OURS, id)?.address ?? null;
    if (ipv6Address !== null && address !== null && ipv6Address !== address) {
      fail('address', `${id} is shown with ${ipv6Address}, and has ${address}`);
    }
  }

  /** A version without the volumes of its image, which no client asked for. */
  function askedOf(version: Version): Version {
    const volumes = version.volumes.filter(({ volume }) => model.volumes.has(volume.id));
    return { ...version, volumes };
  }

  /** No image that is available is reported as the reason of a failure. */
  function reasonCheck({
    id,
    statusReason,
    desired,
    applied,
    generation,
  }: StoredContainer['state']) {
    if (statusReason !== 'image_not_found' && statusReason !== 'image_pull_denied') return;
    const images = [desired.image];
    if (applied !== null && applied.generation === generation) images.push(applied.version.image);
    const isTrue = images.some((image) => {
      const published = imagePublished(image);
      const failure = published === null ? 'image_not_found' : published.failure?.reason;
      return failure === statusReason;
    });
    if (!isTrue) fail('reason', `${id} is reported as ${statusReason} of ${desired.image}`);
  }

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

  return { check };
}

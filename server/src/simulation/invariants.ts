import { containerSpecHash } from '@dollarbox/engines/contract';
import { SETTLE_DEADLINE_MS } from '../containers/state.ts';
import { containerDesiredEqual } from '../containers/rules.ts';
import type { Snapshot, StoredContainer, StoredWork } from './desire-store.ts';
import { imagePublished } from './images.ts';
import { specOf, versionDesired } from './spec.ts';
import type { Stage } from './stage.ts';
import { DELETED_MS, SLACK_MS, SWEPT_MS, TURN_MS } from './patience.ts';
import { isVolumeBlocked, volumeChecksCreate } from './volume-invariants.ts';
import { OURS } from './installations.ts';
import { foreignersOf } from './world.ts';

/** Keeps between checks what may only grow. */
export interface Checks {
  /** @throws nothing: what it finds goes to the witness. */
  check(snapshot: Snapshot): void;
}

export function checksCreate(stage: Stage): Checks {
  const { witness, world, clock, model, conditions } = stage;
  const observedGenerations = new Map<number, number>();
  const { fail } = witness;
  const volumes = volumeChecksCreate(stage);

  function check(snapshot: Snapshot): void {
    const nowMs = clock.now().getTime();
    const sinceMs = conditions.calmSinceMs();
    const calmMs = stage.processes.some((process) => process.life.runs()) ? nowMs - sinceMs : 0;
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
    for (const { installationId, spec, state } of world.containers.values()) {
      if (installationId !== OURS) continue;
      if (ids.has(spec.id)) fail('one object', `${spec.id} has two objects`);
      ids.add(spec.id);
      if (state !== 'running' && state !== 'paused') continue;
      for (const key of [`${spec.tenantId} ${spec.name}`, spec.ipv6Address]) {
        const other = names.get(key);
        if (other !== undefined) fail('one name', `${spec.id} and ${other} both answer for ${key}`);
        names.set(key, spec.id);
      }
    }
    if (stage.foreigners !== foreignersOf(world))
      fail('foreign', 'an object of others has changed');
  }

  /** What a row says is what was asked for, and what was done. */
  function rowCheck({ state, observedGeneration }: StoredContainer): void {
    const { id, applied, generation } = state;
    const known = model.containers.get(id);
    if (known === undefined) return fail('acknowledged', `${id} was never asked for`);
    if (known.generation !== generation) {
      fail('acknowledged', `${id} has generation ${generation}, not ${known.generation}`);
    }
    if (!containerDesiredEqual(known.desired, versionDesired(state.desired))) {
      fail('acknowledged', `${id} is not what was asked for`);
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
    if (applied !== null) {
      const asked = known.versions.get(applied.generation);
      const is = versionDesired(applied.version);
      if (asked === undefined || !containerDesiredEqual(asked, is)) {
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

  /** Nobody is accused of an image that can be had. */
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
    if (!isTrue) fail('reason', `${id} is told ${statusReason} of ${desired.image}`);
  }

  /** Whatever rests is as it should be, as far as anybody was told. */
  function restCheck({ state, observedGeneration }: StoredContainer, work: StoredWork): void {
    if (work.dueAt !== null) return;
    const { id, status } = state;
    if (state.deletedAt !== null) return fail('rest', `${id} is deleted, and nothing is due`);
    // What waits for a volume that can't be had is woken by that.
    const isBlocked = isVolumeBlocked(state) && state.statusReason !== null;
    if (isBlocked && status !== 'running') return undefined;
    if (observedGeneration !== state.generation && !isBlocked) {
      return fail('rest', `${id} has a change outstanding, and nothing is due`);
    }
    if (status !== 'running') return fail('rest', `${id} is ${status}, and nothing is due`);
    const container = world.containerFind(OURS, id);
    if (container?.state === 'running' || witness.dirty.has(id)) return undefined;
    return fail('status', `${id} is told as running and is ${container?.state ?? 'gone'}`);
  }

  /** With nothing amiss for long enough, everything moves. */
  function calmCheck(row: StoredContainer, work: StoredWork, nowMs: number, calmMs: number): void {
    const { state, observedGeneration } = row;
    const { id } = state;
    if (work.dueAt !== null && calmMs > TURN_MS && nowMs - work.dueAt.getTime() > TURN_MS) {
      fail('turns', `${id} has been due since ${work.dueAt.toISOString()}`);
    }
    const isTold = state.status === 'running' && state.deletedAt === null;
    if ((isTold || work.dueAt === null) && calmMs > SWEPT_MS) {
      const container = world.containerFind(OURS, id);
      const sinceMs = witness.dirty.get(id) ?? nowMs;
      const isKnown = isVolumeBlocked(state) && state.status === 'failed';
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
    const began = state.pullStartedAt ?? state.attemptAt;
    const isOutstanding = observedGeneration < state.generation;
    if (!isOutstanding || state.statusReason !== null || calmMs < SLACK_MS) return;
    if (nowMs - began.getTime() > SETTLE_DEADLINE_MS + SLACK_MS) {
      fail('deadline', `${id} has a change outstanding past its deadline`);
    }
  }

  return { check };
}

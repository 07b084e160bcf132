import type { VolumeMount } from '@dollarbox/engines/contract';
import { imageVolumeName, mountsOnImage } from '../../server/src/containers/image-volumes.ts';
import type { ContainerState } from '../../server/src/containers/state.ts';
import { volumeDeadline } from '../../server/src/volumes/plan.ts';
import type { Snapshot, StoredVolume, StoredWork } from './stores/desire-store.ts';
import { volumePathsOf } from './world/images.ts';
import { DELETED_MS, SLACK_MS, SWEPT_MS, TURN_MS } from './world/patience.ts';
import type { Stage } from './world/stage.ts';
import { isUp } from './world/world-volumes.ts';
import { OURS } from './world/installations.ts';
import { WAITS_FOR_CONSUMER, isStartable } from '../../server/src/volumes/startable.ts';

type FakeVolume = ReturnType<Stage['ourVolumes']>[number];

/** The mounts that a container should have, those of its image's `VOLUME`s included as far as there are volumes. */
export function mountsWanted({ desired, imageVolumes }: ContainerState): VolumeMount[] {
  return mountsOnImage(desired.volumes, volumePathsOf(desired.image), imageVolumes).mounts;
}

/** Whether a container can't start because of a volume that it wants. */
export function isVolumeBlocked(state: ContainerState): boolean {
  const { volumes } = state;
  return mountsWanted(state).some(({ volume: key }) => {
    const known = volumes.find(({ id, uid }) => id === key.id && uid === key.uid);
    return known === undefined || !isStartable(known) || known.mounter !== 'own';
  });
}

/** What is reported of a volume. That the engine is silent says nothing about the volume. */
function reported({ state: { status, statusReason } }: StoredVolume): string {
  return status === 'bound' ? status : `${status} ${statusReason ?? ''}`.trim();
}

/** The invariants of volumes. */
export function volumeChecksCreate(stage: Stage): {
  check(snapshot: Snapshot, calmMs: number): void;
} {
  const { witness, world, clock, model } = stage;
  const { fail } = witness;

  function check(snapshot: Snapshot, calmMs: number): void {
    countsCheck(snapshot);
    writersCheck();
    for (const { id } of model.liveVolumes()) {
      if (!snapshot.volumes.has(id)) fail('acknowledged', `volume ${id} is lost`);
    }
    for (const [id, row] of snapshot.volumes) {
      const work = snapshot.volumeWork.get(id);
      if (work === undefined) {
        fail('queue', `volume ${id} has no place in the queue`);
        continue;
      }
      rowCheck(row);
      dataCheck(row);
      phaseCheck(row);
      restCheck(row, work);
      if (calmMs > 0) calmCheck(row, work, calmMs);
    }
    for (const id of snapshot.volumeWork.keys()) {
      if (!snapshot.volumes.has(id)) fail('queue', `volume ${id} is in the queue without a row`);
    }
  }

  function countsCheck({ orgs, volumes }: Snapshot): void {
    for (const org of orgs) {
      let sum = 0;
      for (const { state } of volumes.values()) {
        if (state.tenantId === org.id && state.deletedAt === null) sum += state.sizeGb;
      }
      if (sum > org.volumeGbLimit) fail('quota', `org ${org.id} has ${sum} GB, over its limit`);
      if (org.volumeGbCount !== sum) {
        fail('quota', `org ${org.id} counts ${org.volumeGbCount} GB and has ${sum}`);
      }
    }
  }

  /** No volume may be in two running processes. */
  function writersCheck(): void {
    const writers = new Map<string, number>();
    for (const container of world.containersOf(OURS)) {
      if (!isUp(container)) continue;
      for (const uid of witness.mounts.get(container.ref) ?? []) {
        const other = writers.get(uid);
        if (other !== undefined) {
          fail('one writer', `${other} and ${container.spec.id} both write into ${uid}`);
        }
        writers.set(uid, container.spec.id);
      }
    }
  }

  /** A row must match what was requested. */
  function rowCheck({ state, containerId, mountPath }: StoredVolume): void {
    const { id, name, sizeGb, deletedAt } = state;
    const known = model.volumes.get(id);
    if (known === undefined && name === imageVolumeName(state.uid)) {
      const holder = model.containers.get(state.imageVolume?.containerId ?? 0);
      if (deletedAt !== null || holder?.deletedAtMs === null) return undefined;
      return fail('acknowledged', `volume ${id} has outlived the container that it belongs to`);
    }
    if (known === undefined) return fail('acknowledged', `volume ${id} was never asked for`);
    if (known.name !== name || known.sizeGb !== sizeGb) {
      fail('acknowledged', `volume ${id} is not what was asked for`);
    }
    if ((deletedAt !== null) !== (known.deletedAtMs !== null)) {
      fail('acknowledged', `volume ${id} is ${deletedAt === null ? 'not ' : ''}deleted`);
    }
    const mounter = model.mounterOf(id);
    if (containerId !== (mounter?.id ?? null) || mountPath !== (mounter?.path ?? null)) {
      fail('acknowledged', `volume ${id} is reported in ${containerId}, not in ${mounter?.id}`);
    }
    return undefined;
  }

  /** A volume is reported as bound only if it has been bound: it never ceases to be. */
  function phaseCheck(row: StoredVolume): void {
    const { id, status, deletedAt } = row.state;
    if (status !== 'bound' || deletedAt !== null) return;
    if (objectOf(row)?.phase === 'provisioning') {
      fail('status', `volume ${id} is reported as bound, and the engine has no place for it yet`);
    }
  }

  /** A volume that was ever confirmed must exist with everything that was written into it, unless it vanished. */
  function dataCheck({ state: { id, uid, ref, deletedAt } }: StoredVolume): void {
    if (ref === null || deletedAt !== null || witness.vanished.has(ref)) return;
    const volume = world.volumes.get(ref);
    if (volume === undefined) return fail('data', `volume ${id} (${ref}) is gone`);
    const written = witness.written.get(uid) ?? '';
    if (volume.data !== written) {
      fail('data', `volume ${id} holds "${volume.data}", not "${written}"`);
    }
  }

  /** The exact object that the row refers to, if the engine has it. */
  function objectOf({ state: { ref, uid } }: StoredVolume): FakeVolume | null {
    const first = stage.ourVolumes().find(({ spec }) => spec.uid === uid);
    return ref !== null && first?.ref === ref ? first : null;
  }

  /** The status and reason that are true now, apart from what is not known. */
  function statusDue(row: StoredVolume): string {
    const volume = objectOf(row);
    if (volume === null) return 'failed data_lost';
    if (volume.phase === 'bound') return 'bound';
    return volume.waitsForConsumer ? `provisioning ${WAITS_FOR_CONSUMER}` : 'provisioning';
  }

  /** A volume at rest must be as reported, as far as anybody was notified. */
  function restCheck(row: StoredVolume, work: StoredWork): void {
    if (work.dueAt !== null) return;
    const { id, status, statusReason, deletedAt } = row.state;
    if (deletedAt !== null) return fail('rest', `volume ${id} is deleted, and nothing is due`);
    if (!isStartable(row.state) && statusReason !== 'data_lost') {
      return fail('rest', `volume ${id} is ${status}, and nothing is due`);
    }
    if (reported(row) === statusDue(row) || witness.volumeDirty.has(id)) return undefined;
    return fail('status', `volume ${id} is reported as ${reported(row)}, and is ${statusDue(row)}`);
  }

  /** After enough time without disturbance, everything makes progress. */
  function calmCheck(row: StoredVolume, work: StoredWork, calmMs: number): void {
    const { state } = row;
    const { id, status, deletedAt } = state;
    const nowMs = clock.now().getTime();
    if (work.dueAt !== null && calmMs > TURN_MS && nowMs - work.dueAt.getTime() > TURN_MS) {
      fail('turns', `volume ${id} has been due since ${work.dueAt.toISOString()}`);
    }
    const sinceMs = witness.volumeDirty.get(id) ?? nowMs;
    const isTrue = reported(row) === statusDue(row);
    if (work.dueAt === null && !isTrue && calmMs > SWEPT_MS && nowMs - sinceMs > SWEPT_MS) {
      fail('sweep', `what happened to volume ${id} long ago nobody knows`);
    }
    if (deletedAt !== null) {
      const isHeld = [...world.containersOf(OURS)].some(
        ({ ref }) => witness.mounts.get(ref)?.includes(state.uid) === true,
      );
      if (isHeld || calmMs < DELETED_MS || nowMs - deletedAt.getTime() < DELETED_MS) return;
      fail('deletion', `volume ${id} was deleted long ago, and is still there`);
    } else if (!isStartable(state) && status !== 'failed' && calmMs > SLACK_MS) {
      if (nowMs - volumeDeadline(state).getTime() > SLACK_MS) {
        fail('deadline', `volume ${id} is ${status} past its deadline`);
      }
    }
  }

  return { check };
}

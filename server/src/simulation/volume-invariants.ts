import type { ContainerState } from '../containers/state.ts';
import { volumeDeadline } from '../volumes/plan.ts';
import type { Snapshot, StoredVolume, StoredWork } from './desire-store.ts';
import { DELETED_MS, SLACK_MS, SWEPT_MS, TURN_MS } from './patience.ts';
import type { Stage } from './stage.ts';
import { isUp } from './world-volumes.ts';
import { OURS } from './installations.ts';

/** Whether a volume that it wants is not made, or has lost its data. */
export function isVolumeBlocked({ desired, volumes }: ContainerState): boolean {
  return desired.volumes.some(({ volume: key }) => {
    const known = volumes.find(({ id, uid }) => id === key.id && uid === key.uid);
    return known?.status !== 'bound' || known.mounter !== 'own';
  });
}

/** What must hold of volumes, whatever happens. */
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
      if (org.volumeGbCount !== sum) {
        fail('quota', `org ${org.id} counts ${org.volumeGbCount} GB and has ${sum}`);
      }
    }
  }

  /** No volume is in two processes. */
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

  /** What a row says is what was asked for. */
  function rowCheck({ state, containerId, mountPath }: StoredVolume): void {
    const { id, name, sizeGb, deletedAt } = state;
    const known = model.volumes.get(id);
    if (known === undefined) return fail('acknowledged', `volume ${id} was never asked for`);
    if (known.name !== name || known.sizeGb !== sizeGb) {
      fail('acknowledged', `volume ${id} is not what was asked for`);
    }
    if ((deletedAt !== null) !== (known.deletedAtMs !== null)) {
      fail('acknowledged', `volume ${id} is ${deletedAt === null ? 'not ' : ''}deleted`);
    }
    const mounter = model.mounterOf(id);
    if (containerId !== (mounter?.id ?? null) || mountPath !== (mounter?.path ?? null)) {
      fail('acknowledged', `volume ${id} is told in ${containerId}, not in ${mounter?.id}`);
    }
    return undefined;
  }

  /** What was ever confirmed is there with all that was written into it, unless it vanished. */
  function dataCheck({ state: { id, uid, ref, deletedAt } }: StoredVolume): void {
    if (ref === null || deletedAt !== null || witness.vanished.has(ref)) return;
    const volume = world.volumes.get(ref);
    if (volume === undefined) return fail('data', `volume ${id} (${ref}) is gone`);
    const written = witness.written.get(uid) ?? '';
    if (volume.data !== written) {
      fail('data', `volume ${id} holds "${volume.data}", not "${written}"`);
    }
  }

  /** Whether the engine has the very object that the row tells of. */
  function isThere({ state: { ref, uid } }: StoredVolume): boolean {
    const first = stage.ourVolumes().find(({ spec }) => spec.uid === uid);
    return ref !== null && first?.ref === ref;
  }

  /** Whatever rests is as it is told, as far as anybody was told. */
  function restCheck(row: StoredVolume, work: StoredWork): void {
    if (work.dueAt !== null) return;
    const { id, status, statusReason, deletedAt } = row.state;
    if (deletedAt !== null) return fail('rest', `volume ${id} is deleted, and nothing is due`);
    const isLost = statusReason === 'data_lost';
    if (status !== 'bound' && !isLost) {
      return fail('rest', `volume ${id} is ${status}, and nothing is due`);
    }
    if (isThere(row) === !isLost || witness.volumeDirty.has(id)) return undefined;
    return fail('status', `volume ${id} is told ${status}, and is ${isLost ? 'there' : 'gone'}`);
  }

  /** With nothing amiss for long enough, everything moves. */
  function calmCheck(row: StoredVolume, work: StoredWork, calmMs: number): void {
    const { state } = row;
    const { id, status, deletedAt } = state;
    const nowMs = clock.now().getTime();
    if (work.dueAt !== null && calmMs > TURN_MS && nowMs - work.dueAt.getTime() > TURN_MS) {
      fail('turns', `volume ${id} has been due since ${work.dueAt.toISOString()}`);
    }
    const sinceMs = witness.volumeDirty.get(id) ?? nowMs;
    const isTrue = isThere(row) === (status === 'bound');
    if (work.dueAt === null && !isTrue && calmMs > SWEPT_MS && nowMs - sinceMs > SWEPT_MS) {
      fail('sweep', `what happened to volume ${id} long ago nobody knows`);
    }
    if (deletedAt !== null) {
      const isHeld = [...world.containersOf(OURS)].some(
        ({ ref }) => witness.mounts.get(ref)?.includes(state.uid) === true,
      );
      if (isHeld || calmMs < DELETED_MS || nowMs - deletedAt.getTime() < DELETED_MS) return;
      fail('deletion', `volume ${id} was deleted long ago, and is still there`);
    } else if (status !== 'bound' && status !== 'failed' && calmMs > SLACK_MS) {
      if (nowMs - volumeDeadline(state).getTime() > SLACK_MS) {
        fail('deadline', `volume ${id} is ${status} past its deadline`);
      }
    }
  }

  return { check };
}

import { at, update } from './apply-update.ts';
import type { DesireStore } from './stores/desire-store.ts';
import type { ModelContainer, ModelVolume } from './world/model.ts';
import type { Action } from './world/operations.ts';
import { removalsOf } from './stores/memory-tables.ts';
import type { Stage } from './world/stage.ts';

const NAMES = ['x', 'y', 'z'];

type VolumeAction = Extract<
  Action,
  {
    do: 'volumeCreate' | 'volumeDelete' | 'attach' | 'detach' | 'handOn' | 'swap' | 'volumeVanish';
  }
>;

/** Carries out one operation on volumes. */
export async function volumeActionApply(
  stage: Stage,
  desire: DesireStore,
  action: VolumeAction,
): Promise<void> {
  const { model } = stage;
  switch (action.do) {
    case 'volumeCreate': {
      const orgId = at(model.orgs, action.org)?.id ?? 0;
      return create(stage, desire, orgId, at(NAMES, action.name) ?? 'x', action.sizeGb);
    }
    case 'volumeDelete': {
      const volume = at(model.liveVolumes(), action.target);
      if (volume !== undefined) await remove(stage, desire, volume);
      return;
    }
    case 'attach': {
      const one = at(model.live(), action.target);
      const volume = one && at(model.liveVolumes(one.orgId), action.volume);
      if (one === undefined || volume === undefined) return;
      const others = one.desired.volumes.filter(
        (mount) => mount.volume !== volume.id && mount.mount_path !== action.path,
      );
      const volumes = [...others, { volume: volume.id, mount_path: action.path }];
      return update(stage, desire, one, { volumes });
    }
    case 'detach': {
      const one = at(model.live(), action.target);
      if (one !== undefined) await update(stage, desire, one, { volumes: [] });
      return;
    }
    case 'handOn':
      return handOn(stage, desire, action);
    case 'swap':
      return swap(stage, desire, action);
    case 'volumeVanish':
      return vanish(stage, action);
  }
}

async function create(
  stage: Stage,
  desire: DesireStore,
  orgId: number,
  name: string,
  sizeGb: number,
): Promise<void> {
  const { model, clock, witness } = stage;
  if (model.isSuspended(orgId)) return;
  const live = model.liveVolumes(orgId);
  const used = live.reduce((sum, one) => sum + one.sizeGb, 0);
  const org = model.orgs.find(({ id }) => id === orgId);
  const { limitGb: limit, removals } = org ?? { limitGb: 0, removals: 0 };
  const isTaken = live.some((one) => one.name === name);
  const removed = removalsOf((await stage.whole.snapshot()).volumes, orgId);
  const hasRoom = used + sizeGb <= limit && removed < removals + limit;
  const due = isTaken ? 'name_taken' : hasRoom ? 'created' : 'quota_exceeded';
  const made = await desire.volumeCreate(orgId, { name, size_gb: sizeGb }, clock.now());
  // What clients did not ask for takes room too.
  const imageGb = await imageGbOf(stage, orgId);
  const isFull = due === 'created' && used + imageGb + sizeGb > limit;
  if (made.outcome !== due && !(isFull && made.outcome === 'quota_exceeded')) {
    witness.fail('quota', `a volume in org ${orgId} is ${made.outcome}, not ${due}`);
  }
  if (made.outcome === 'created') {
    const { id } = made;
    model.volumes.set(id, { id, orgId, name, sizeGb, deletedAtMs: null });
    witness.trace(`client: volume ${id} is created: "${name}"`);
  }
  stage.signalSend(null);
}

/** The GB of the volumes of images. */
async function imageGbOf(stage: Stage, orgId: number): Promise<number> {
  const { volumes } = await stage.whole.snapshot();
  return [...volumes.values()]
    .filter(({ state }) => state.tenantId === orgId && state.imageVolume !== undefined)
    .reduce((sum, { state }) => sum + state.sizeGb, 0);
}

async function remove(stage: Stage, desire: DesireStore, volume: ModelVolume): Promise<void> {
  const { model, clock, witness } = stage;
  const due = model.mounterOf(volume.id) === null ? 'deleted' : 'mounted';
  const outcome = await desire.volumeDelete(volume.orgId, volume.id, clock.now());
  if (outcome !== due)
    witness.fail('acknowledged', `a DELETE of volume ${volume.id} is ${outcome}`);
  if (outcome === 'deleted') volume.deletedAtMs = clock.now().getTime();
  witness.trace(`client: volume ${volume.id} is to be deleted: ${outcome}`);
  stage.signalSend(null);
}

async function handOn(
  stage: Stage,
  desire: DesireStore,
  action: Extract<VolumeAction, { do: 'handOn' }>,
): Promise<void> {
  const { model } = stage;
  const volume = at(model.liveVolumes(), action.volume);
  const to = volume && at(model.live(volume.orgId), action.target);
  if (volume === undefined || to === undefined) return;
  const from = model.containers.get(model.mounterOf(volume.id)?.id ?? 0);
  if (from !== undefined) {
    const volumes = from.desired.volumes.filter((mount) => mount.volume !== volume.id);
    await update(stage, desire, from, { volumes });
  }
  const others = to.desired.volumes.filter((mount) => mount.mount_path !== '/data');
  const volumes = [...others, { volume: volume.id, mount_path: '/data' }];
  return update(stage, desire, to, { volumes });
}

async function swap(
  stage: Stage,
  desire: DesireStore,
  action: Extract<VolumeAction, { do: 'swap' }>,
): Promise<void> {
  const { model } = stage;
  const having = (one: ModelContainer): boolean => one.desired.volumes.length > 0;
  const one = at(model.live().filter(having), action.target);
  if (one === undefined) return;
  const others = model.live(one.orgId).filter((each) => having(each) && each.id !== one.id);
  const other = at(others, action.other);
  if (other === undefined) return;
  const [ofOne, ofOther] = [one.desired.volumes, other.desired.volumes];
  await update(stage, desire, one, { volumes: [] });
  await update(stage, desire, other, { volumes: ofOne });
  return update(stage, desire, one, { volumes: ofOther });
}

function vanish(
  stage: Stage,
  { target, backMs }: Extract<VolumeAction, { do: 'volumeVanish' }>,
): void {
  const { world, witness, clock, tamper } = stage;
  const volume = at(stage.ourVolumes(), target);
  if (volume === undefined) return;
  tampering(stage, () => tamper.volumeVanish(volume.spec.id));
  // If several volumes have this id, the newest vanishes.
  if (world.volumes.has(volume.ref)) return;
  witness.vanished.add(volume.ref);
  witness.trace(`world: the volume ${volume.spec.id} (${volume.ref}) vanishes`);
  if (backMs === null) return;
  stage.conditions.disturb(backMs);
  clock.schedule(backMs, back);
  stage.away.add(back);

  function back(): void {
    if (volume === undefined || !stage.away.delete(back)) return;
    // Another volume has its name.
    if (stage.ourVolumes().some(({ spec }) => spec.uid === volume.spec.uid)) return;
    witness.vanished.delete(volume.ref);
    witness.trace(`world: the volume ${volume.spec.id} (${volume.ref}) is back`);
    // Its row may be gone in the meantime; then nobody is to blame for the volume.
    witness.late.add(volume.ref);
    tampering(stage, () => tamper.volumeReturn(volume));
  }
}

function tampering(stage: Stage, action: () => void): void {
  stage.witness.isTampering = true;
  action();
  stage.witness.isTampering = false;
}

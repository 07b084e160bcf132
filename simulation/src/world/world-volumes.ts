import type { FakeWorld } from '@dollarbox/engines/fake/world';
import type { MemoryTables } from '../stores/memory-tables.ts';
import { type Witness, isMadeLate } from './witness.ts';
import { OURS } from './installations.ts';

type FakeContainer = Parameters<FakeWorld['containerDrop']>[0];

/** Whether its process writes, or will continue to. */
export function isUp({ state }: FakeContainer): boolean {
  return state === 'running' || state === 'paused';
}

/**
 * Observes volumes being created, written and destroyed, and judges these events. Each process that starts writes into
 * each of its volumes, so that their contents show which containers have had them.
 */
export function volumesWatch(
  world: FakeWorld,
  witness: Witness,
  tables: MemoryTables | null,
): void {
  const { containerAdd, volumes } = world;
  const { start } = world.processes;
  const { set, delete: remove } = volumes;

  world.containerAdd = (installationId, spec) => {
    const container = containerAdd(installationId, spec);
    if (installationId === OURS) {
      witness.mounts.set(
        container.ref,
        spec.volumes.map(({ volume }) => volume.uid),
      );
    }
    return container;
  };

  world.processes.start = (container) => {
    start(container);
    if (container.installationId === OURS) startJudge(container);
  };

  /** No other process may have the volumes, and everything ever written into them must be there. */
  function startJudge(container: FakeContainer): void {
    const { ref, spec, run } = container;
    for (const { volume, mountPath } of spec.volumes) {
      if (tables?.volumes.get(volume.id)?.state.imageVolume === undefined) continue;
      const key = `${spec.id} ${mountPath}`;
      const before = witness.imageVolumes.get(key) ?? volume.uid;
      witness.imageVolumes.set(key, before);
      if (before === volume.uid) continue;
      witness.fail(
        'data',
        `${spec.id} had ${before} at ${mountPath}, and starts with ${volume.uid}`,
      );
    }
    for (const uid of witness.mounts.get(ref) ?? []) {
      for (const other of world.containersOf(OURS)) {
        if (other.ref === ref || !isUp(other)) continue;
        if (witness.mounts.get(other.ref)?.includes(uid) !== true) continue;
        witness.fail('one writer', `${spec.id} starts with ${uid}, which ${other.spec.id} has`);
      }
      const volume = [...volumes.values()].find((each) => each.spec.uid === uid);
      const written = witness.written.get(uid) ?? '';
      if (volume?.data !== written) {
        witness.fail(
          'data',
          `${spec.id} finds "${volume?.data}" in ${uid}, where "${written}" was written`,
        );
        continue;
      }
      volume.data += `${ref}.${run} `;
      witness.written.set(uid, volume.data);
    }
  }

  volumes.set = (ref, volume) => {
    const { spec, installationId } = volume;
    if (installationId === OURS && !witness.isTampering) {
      const isLate = isMadeLate(witness, 'volume', spec.id);
      if (isLate) witness.late.add(ref);
      witness.trace(`world: volume ${spec.id} is made as ${ref}${isLate ? ', too late' : ''}`);
    }
    return set.call(volumes, ref, volume);
  };

  volumes.delete = (ref) => {
    if (!witness.isTampering) removalJudge(ref);
    return remove.call(volumes, ref);
  };

  /** Data may only be removed if its own row says so and no container has it. */
  function removalJudge(ref: string): void {
    const volume = volumes.get(ref);
    if (volume === undefined) return;
    const { spec, installationId } = volume;
    const name = `volume ${spec.id} (${ref})`;
    witness.trace(`world: ${name} is destroyed`);
    if (installationId !== OURS) return witness.fail('foreign', `${name} of others was destroyed`);
    for (const other of world.containersOf(OURS)) {
      if (witness.mounts.get(other.ref)?.includes(spec.uid) !== true) continue;
      witness.fail('data', `${name} was destroyed, and ${other.spec.id} has it`);
    }
    if (tables === null) return undefined;
    const row = tables.volumes.get(spec.id)?.state;
    if (row?.uid === spec.uid && row.deletedAt !== null) return undefined;
    return witness.fail('data', `${name} was destroyed, which its row does not ask for`);
  }
}

import type { ContainerObservation } from '@dollarbox/engines/contract';
import type { RecordedInstance } from '../../../server/src/containers/kind-store.ts';
import type { MemoryInstance } from '../stores/memory-tables.ts';
import type { Plant } from './plant.ts';

function keptForget(instance: RecordedInstance): RecordedInstance {
  return { ...instance, isKept: false };
}

function cutOffForget(instance: RecordedInstance): RecordedInstance {
  return { ...instance, isCutOff: false };
}

/** It is not said when the process that ended last had started. */
function formerForget(observed: ContainerObservation | null): ContainerObservation | null {
  if (observed === null || observed.exits.last === null) return observed;
  const last = { ...observed.exits.last, startedAt: null };
  return { ...observed, exits: { ...observed.exits, last } };
}

function linesForget(instance: MemoryInstance): MemoryInstance {
  return { ...instance, kept: null };
}

/** Bugs in how the lines of objects are kept that are about to be removed. */
export const linesPlants: readonly Plant[] = [
  {
    name: 'lines-not-kept',
    fault: 'An object is removed, and nobody has kept what its process wrote.',
    make: () => ({ store: (store) => ({ ...store, async linesKeep() {} }) }),
  },
  {
    name: 'lines-kept-before-kill',
    fault: 'A process is killed with its object, and what it wrote until then is not kept.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        containers: { ...engine.containers, ...(engine.containers.kill && { async kill() {} }) },
      }),
    }),
  },
  {
    name: 'kept-lines-overwritten',
    fault:
      'Lines that are kept are read again, and dropped if the engine does not have them any more.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async instancesRead(id) {
          return (await store.instancesRead(id)).map(keptForget);
        },
        async linesKeep(claim, ref, lines, now) {
          await store.linesKeep(claim, ref, lines, now);
          const gone = new Set(lines?.filter((one) => one.lines === null).map((one) => one.number));
          const all = tables.instances.get(claim.id) ?? [];
          const left = all.map((one) => (gone.has(one.number) ? linesForget(one) : one));
          tables.instances.set(claim.id, left);
        },
      }),
    }),
  },
  {
    name: 'lines-of-last-instance-only',
    fault: 'Of an object that was restarted, the lines of the last instance alone are kept.',
    make: () => ({
      store: (store) => ({
        ...store,
        linesKeep: (claim, ref, lines, now) =>
          store.linesKeep(claim, ref, lines?.slice(-1) ?? null, now),
      }),
    }),
  },
  {
    name: 'cut-off-lines-not-read-again',
    fault: 'What a process writes after it was asked to end is not read once it has ended.',
    make: () => ({
      store: (store) => ({
        ...store,
        async instancesRead(id) {
          return (await store.instancesRead(id)).map(cutOffForget);
        },
      }),
    }),
  },
  {
    name: 'unseen-run-not-recorded',
    fault: 'A process that has ended before anybody has looked leaves neither lines nor a gap.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        containers: {
          ...engine.containers,
          observe: async (id) => formerForget(await engine.containers.observe(id)),
        },
      }),
    }),
  },
  {
    name: 'missed-runs-not-counted',
    fault: 'Processes that nobody has seen leave no gap.',
    make: () => ({
      store: (store) => ({
        ...store,
        instanceRecord: (claim, generation, { missed: _missed, ...instance }) =>
          store.instanceRecord(claim, generation, instance),
      }),
    }),
  },
];

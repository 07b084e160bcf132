import type { ContainerState } from '../containers/state.ts';
import type { ReconcileStore } from '../reconciler/store.ts';
import type { MemoryTables } from './memory-tables.ts';
import type { Plant } from './plant.ts';
import type { Wraps } from './stage.ts';

/** A turn reads something else than the row. */
function reading(change: (state: ContainerState) => Partial<ContainerState>): Wraps {
  return {
    store: (store: ReconcileStore) => ({
      ...store,
      async containerWorkRead(id) {
        const work = await store.containerWorkRead(id);
        return work && { ...work, state: { ...work.state, ...change(work.state) } };
      },
    }),
  };
}

/** A turn records something else than it found. */
function recording(change: (after: ContainerState) => Partial<ContainerState>): Wraps {
  return {
    store: (store: ReconcileStore) => ({
      ...store,
      containerRecord: (claim, before, after, ...rest) =>
        store.containerRecord(claim, before, { ...after, ...change(after) }, ...rest),
    }),
  };
}

function generationNow(tables: MemoryTables, state: ContainerState): ContainerState {
  const row = tables.containers.get(state.id);
  return row === undefined ? state : { ...state, generation: row.state.generation };
}

/** Bugs of what turns believe, and of what they record. */
export const findingPlants: readonly Plant[] = [
  {
    name: 'generation-forgotten',
    fault: 'What a turn found about a former spec is told of the present one.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        containerRecord: (claim, before, ...rest) =>
          store.containerRecord(claim, generationNow(tables, before), ...rest),
      }),
    }),
  },
  {
    name: 'applied-spec-dropped',
    fault: 'While a change waits, it is forgotten what ran before.',
    make: () =>
      reading(({ applied, generation }) => ({
        applied: applied?.generation === generation ? applied : null,
      })),
  },
  {
    name: 'observed-too-early',
    fault: 'A generation is recorded as running before the engine runs it.',
    make: () =>
      recording(({ applied, generation, desired }) => ({
        applied: { generation, version: desired, imageId: applied?.imageId ?? 'sha256:none' },
      })),
  },
  {
    name: 'applied-not-recorded',
    fault: 'What the engine was made to run is not recorded.',
    make: () => recording(() => ({ applied: null, appliedRef: null })),
  },
  {
    name: 'exit-counted-twice',
    fault: 'It is forgotten which exit was counted, so that the next turn counts it again.',
    make: () => recording(() => ({ exitRef: null, exitFinishedAt: null })),
  },
  {
    name: 'deadline-forgotten',
    fault: 'It is forgotten when the pull for a change began, so that it never takes too long.',
    make: () => recording(() => ({ pullStartedAt: null })),
  },
  {
    name: 'name-not-waited-for',
    fault: 'A container is made though the former one of its name has not ended.',
    make: () => reading(() => ({ nameHeld: false })),
  },
  {
    name: 'stop-without-grace',
    fault: 'A process that has to go is killed at once.',
    make: () =>
      reading(({ appliedRef }) => ({ stopRef: appliedRef, stopRequestedAt: new Date(0) })),
  },
  {
    name: 'forgotten-before-confirmed',
    fault: 'A deleted row goes before the engine has confirmed that nothing is left.',
    make: () => ({
      reconcile: (reconcile, deps) => async (claim, lease) => {
        const work = await deps.store.containerWorkRead(claim.id);
        if (work === null || work.state.deletedAt === null) return reconcile(claim, lease);
        return deps.store.containerForget(claim, deps.clock.now());
      },
    }),
  },
];

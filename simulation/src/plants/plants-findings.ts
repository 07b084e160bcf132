import type { ContainerState } from '../../../server/src/containers/state.ts';
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import type { MemoryTables } from '../stores/memory-tables.ts';
import type { Plant } from './plant.ts';
import type { Wraps } from '../world/stage.ts';

/** A turn reads something different from the row. */
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

/** A turn records something different from its findings. */
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

/** Bugs in what turns assume and record. */
export const findingPlants: readonly Plant[] = [
  {
    name: 'generation-forgotten',
    fault: 'What a turn found about a former spec is reported for the present one.',
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
    name: 'retry-time-stays',
    fault: 'When what has failed is tried again is recorded after its first failure only.',
    make: () => ({
      store: (store) => ({
        ...store,
        containerRecord: (claim, before, after, ...rest) => {
          const nextRetryAt = after.nextRetryAt && (before.nextRetryAt ?? after.nextRetryAt);
          return store.containerRecord(claim, before, { ...after, nextRetryAt }, ...rest);
        },
      }),
    }),
  },
  {
    name: 'retry-time-not-recorded',
    fault: 'When what has failed is tried again is not recorded.',
    make: () => recording(() => ({ nextRetryAt: null })),
  },
  {
    name: 'status-since-moves',
    fault: 'Each turn records that the status is what it is since now.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        containerRecord: async (claim, before, after, now, ...rest) => {
          await store.containerRecord(claim, before, after, now, ...rest);
          const row = tables.containers.get(claim.id);
          if (row !== undefined) tables.containers.set(claim.id, { ...row, statusSince: now });
        },
      }),
    }),
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
    make: () => recording(() => ({ exitRef: null, exitCount: 0, exitFinishedAt: null })),
  },
  {
    name: 'address-not-recorded',
    fault: 'The address that the engine has assigned is not recorded.',
    make: (tables) =>
      recording(({ id }) => ({
        ipv6Address: tables.containers.get(id)?.state.ipv6Address ?? null,
      })),
  },
  {
    name: 'address-recorded-again',
    fault: 'With each new object of a container, its address is forgotten.',
    make: (tables) =>
      recording(({ id, appliedRef, ipv6Address }) => {
        const was = tables.containers.get(id)?.state.appliedRef ?? appliedRef;
        return { ipv6Address: was === appliedRef ? ipv6Address : null };
      }),
  },
  {
    name: 'exit-not-counted',
    fault: 'Exits are counted only while the process is down, not once it runs again.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        containers: {
          ...engine.containers,
          async observe(id) {
            const seen = await engine.containers.observe(id);
            return seen?.state === 'running' ? { ...seen, exits: { count: 0, last: null } } : seen;
          },
        },
      }),
    }),
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
    name: 'grace-of-its-own-ignored',
    fault: 'Every process gets two seconds to end, whatever its container asks for.',
    make: () => reading(() => ({ stopGraceSeconds: 2 })),
  },
  {
    name: 'grace-begins-again',
    fault: 'Each turn asks a process to end again, and counts its time from then.',
    make: () => reading(() => ({ stopRequestedAt: null })),
  },
  {
    name: 'suspension-not-read',
    fault: 'A turn of a container does not see that its org is suspended, and starts it again.',
    make: () => reading(() => ({ isSuspended: false })),
  },
  {
    name: 'stop-not-read',
    fault: 'A turn of a container does not see that a client stopped it, and starts it again.',
    make: () => reading(() => ({ isStopped: false })),
  },
  {
    name: 'restart-not-read',
    fault: 'A turn of a container does not see that a client wants a new object.',
    make: () => reading(() => ({ restartRef: null })),
  },
  {
    name: 'pull-again-not-read',
    fault: 'A turn of a container does not see that its image is to be pulled again.',
    make: () => reading(() => ({ pullAgainAt: null })),
  },
  {
    name: 'resume-does-not-wake',
    fault: 'Nothing is due when the suspension of an org ends.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async orgResume(orgId, now) {
          const work = new Map(tables.work);
          await desire.orgResume(orgId, now);
          for (const [id, row] of work) tables.work.set(id, row);
        },
      }),
    }),
  },
  {
    name: 'forgotten-before-confirmed',
    fault: 'A deleted row goes before the engine has confirmed that nothing is left.',
    make: () => ({
      reconcile: {
        container: (reconcile, deps) => async (claim, lease) => {
          const work = await deps.store.containerWorkRead(claim.id);
          if (work === null || work.state.deletedAt === null) return reconcile(claim, lease);
          return deps.store.containerForget(claim, deps.clock.now());
        },
      },
    }),
  },
];

import type { ContainerObservation } from '@dollarbox/engines/contract';
import type { ContainerSweepRow } from '../../../server/src/containers/kind-store.ts';
import type { Plant } from './plant.ts';
import { OURS } from '../world/installations.ts';

/** Bugs in how the engine is queried and trusted. */
export const enginePlants: readonly Plant[] = [
  {
    name: 'sweep-by-absence',
    fault: 'The sweep reads the table before the engine, and removes what was made in between.',
    make: () => {
      let known: ContainerSweepRow[] = [];
      let isEarly = false;
      return {
        engine: (engine, _world, store) => ({
          ...engine,
          containers: {
            ...engine.containers,
            async list() {
              isEarly = true;
              const rows = await store.containerSweepRows().finally(() => {
                isEarly = false;
              });
              const listings = await engine.containers.list();
              known = rows;
              return listings;
            },
          },
        }),
        store: (store) => ({
          ...store,
          containerSweepRows: async () => (isEarly ? await store.containerSweepRows() : known),
        }),
      };
    },
  },
  {
    name: 'sweep-at-rest-only',
    fault: 'The sweep looks at nothing that has a turn coming, however far away.',
    make: () => ({
      store: (store) => ({
        ...store,
        async containerSweepRows() {
          const rows = await store.containerSweepRows();
          return rows.map((row) =>
            Object.assign(row, { isHeld: row.isHeld || row.dueAt !== null }),
          );
        },
      }),
    }),
  },
  {
    name: 'sweep-of-others',
    fault: "The sweep takes another installation's objects for its own.",
    make: () => ({
      engine: (engine, world) => ({
        ...engine,
        containers: {
          ...engine.containers,
          async list() {
            const own = await engine.containers.list();
            const all = [...world.containers.values()];
            const foreign = all.filter(({ installationId }) => installationId !== OURS);
            return [
              ...own,
              ...foreign.map(({ ref, spec, specHash, state, connected }) => {
                // Its id in our numbering, as a forgotten filter would see it.
                const id = -spec.id;
                const { tenantId } = spec;
                return {
                  ref,
                  id,
                  tenantId,
                  specHash,
                  state,
                  connected,
                  exitCount: null,
                  ipv6Address: null,
                };
              }),
            ];
          },
          async end(ref, graceMs) {
            const container = world.containers.get(ref);
            if (container === undefined || container.installationId === OURS) {
              return engine.containers.end(ref, graceMs);
            }
            world.containerDrop(container);
          },
        },
      }),
    }),
  },
  {
    name: 'removal-by-name',
    fault: "What is removed is whatever has the container's id by then, not what was seen.",
    make: () => ({
      world(world) {
        const ids = new Map<string, number>();
        const { containers } = world;
        const { get, set } = containers;
        containers.set = (ref, container) => {
          ids.set(ref, container.spec.id);
          return set.call(containers, ref, container);
        };
        containers.get = (ref) =>
          get.call(containers, ref) ?? world.containerFind(OURS, ids.get(ref) ?? 0);
      },
    }),
  },
  {
    name: 'old-observation-believed',
    fault: 'What the engine said a moment ago is taken for what it would say now.',
    make: () => {
      const known = new Map<number, { at: number; seen: ContainerObservation | null }>();
      return {
        engine: (engine, world) => ({
          ...engine,
          containers: {
            ...engine.containers,
            async observe(id) {
              const nowMs = world.clock.now().getTime();
              const last = known.get(id);
              if (last !== undefined && nowMs - last.at < 3000) return last.seen;
              const seen = await engine.containers.observe(id);
              known.set(id, { at: nowMs, seen });
              return seen;
            },
          },
        }),
      };
    },
  },
  {
    name: 'failure-taken-for-success',
    fault: 'An engine that fails to make a container is reported as having made it.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        containers: {
          ...engine.containers,
          apply: (spec) =>
            engine.containers.apply(spec).catch(() => ({
              ref: 'none',
              id: spec.id,
              tenantId: spec.tenantId,
              name: spec.name,
              specHash: '',
              imageId: spec.imageId,
              state: 'running' as const,
              connected: true,
              startedAt: null,
              ipv6Address: spec.ipv6Address,
              createdAt: new Date(0),
              exits: { count: 0, last: null },
              startError: null,
              warnings: null,
            })),
        },
      }),
    }),
  },
];

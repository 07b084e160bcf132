import type { Engine, VolumeObservation } from '@dollarbox/engines/contract';
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import type { Plant } from './plant.ts';
import { OURS } from '../world/installations.ts';

/** Reports volumes that are gone as present, as their rows have them. */
function seenAnyhow(engine: Engine, store: ReconcileStore): Engine['volumes']['observe'] {
  return async (key) => {
    const observed = await engine.volumes.observe(key);
    const row = observed === null ? await store.volumeWorkRead(key.id) : null;
    if (row === null || row.ref === null || row.deletedAt !== null) return observed;
    const { ref, tenantId } = row;
    return {
      ...{ ...key, ref, tenantId, phase: 'bound' as const, isStartable: true },
      ...{ storageClass: 'fake', isSizeEnforced: true, heldBy: [] },
    };
  };
}

/** Bugs in which container has a volume, and in what happens to its data. */
export const volumePlants: readonly Plant[] = [
  {
    name: 'volume-two-writers',
    fault: 'A container starts with a volume though another one still has it.',
    make: () => ({
      engine: (engine, world) => ({
        ...engine,
        containers: {
          ...engine.containers,
          apply(spec) {
            const wanted = new Set(spec.volumes.map(({ volume }) => volume.uid));
            // The engine forgets the holders that it would have had to see.
            for (const other of world.containersOf(OURS)) {
              const { volumes } = other.spec;
              if (other.spec.id === spec.id) continue;
              if (!volumes.some(({ volume }) => wanted.has(volume.uid))) continue;
              const left = volumes.filter(({ volume }) => !wanted.has(volume.uid));
              other.spec = { ...other.spec, volumes: left };
            }
            return engine.containers.apply(spec);
          },
        },
        volumes: {
          ...engine.volumes,
          async observe(key) {
            const observed = await engine.volumes.observe(key);
            return observed && { ...observed, heldBy: [] };
          },
        },
      }),
    }),
  },
  {
    name: 'volume-holders-not-seen',
    fault: 'Nobody looks whether another container still has a volume.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        volumes: {
          ...engine.volumes,
          async observe(key) {
            const observed = await engine.volumes.observe(key);
            return observed && { ...observed, heldBy: [] };
          },
        },
      }),
    }),
  },
  {
    name: 'volume-removed-while-held',
    fault: 'The data of a deleted volume goes though a container still has it.',
    make: () => ({
      engine: (engine, world, store) => ({
        ...engine,
        volumes: {
          ...engine.volumes,
          async observe(key) {
            const observed = await engine.volumes.observe(key);
            const isDeleted = ((await store.volumeWorkRead(key.id))?.deletedAt ?? null) !== null;
            return observed && (isDeleted ? { ...observed, heldBy: [] } : observed);
          },
          async remove(ref) {
            world.volumes.delete(ref);
          },
        },
      }),
    }),
  },
  {
    name: 'volume-swept',
    fault: 'The sweep removes the data of volumes that no container has just now.',
    make: () => ({
      engine: (engine) => ({
        ...engine,
        volumes: {
          ...engine.volumes,
          async list() {
            const listings = await engine.volumes.list();
            for (const { ref } of listings) {
              await engine.volumes.remove(ref).catch(() => undefined);
            }
            return listings;
          },
        },
      }),
    }),
  },
  {
    name: 'volume-swept-of-others',
    fault: "The sweep takes another installation's volumes for its own, and removes them.",
    make: () => ({
      engine: (engine, world) => ({
        ...engine,
        volumes: {
          ...engine.volumes,
          async list() {
            for (const { ref, installationId } of world.volumes.values()) {
              if (installationId !== OURS) world.volumes.delete(ref);
            }
            return engine.volumes.list();
          },
        },
      }),
    }),
  },
  {
    name: 'volume-recreated',
    fault: 'A volume whose data is gone is recreated, empty, as if nothing had been.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async volumeWorkRead(id) {
          const state = await store.volumeWorkRead(id);
          if (state?.statusReason !== 'data_lost' || state.deletedAt !== null) return state;
          return { ...state, ref: null, status: 'provisioning', statusReason: null };
        },
        volumeRecord: (claim, before, ...rest) =>
          store.volumeRecord(claim, tables.volumes.get(claim.id)?.state ?? before, ...rest),
      }),
    }),
  },
  {
    name: 'volume-made-by-mounting',
    fault: 'A volume that is not there is made by mounting it, as Docker does.',
    make: () => ({
      engine: (engine, world) => ({
        ...engine,
        containers: {
          ...engine.containers,
          async apply(spec) {
            for (const { volume: key } of spec.volumes) {
              const volumes = [...world.volumes.values()];
              if (volumes.some((volume) => volume.spec.uid === key.uid)) continue;
              const { tenantId } = spec;
              const made = { ...key, tenantId, name: 'x', sizeGb: 1 };
              const ref = world.nextRef('volume');
              const storage = world.volumeStorage;
              const bound = { phase: 'bound' as const, waitsForConsumer: false, storage };
              world.volumes.set(ref, { ref, installationId: OURS, spec: made, ...bound, data: '' });
            }
            return engine.containers.apply(spec);
          },
        },
      }),
    }),
  },
  {
    name: 'volume-loss-not-reported',
    fault: 'Of a volume that is gone it is still reported that it is in order.',
    make: () => ({
      engine: (engine, _world, store) => ({
        ...engine,
        volumes: { ...engine.volumes, observe: seenAnyhow(engine, store) },
      }),
    }),
  },
  {
    name: 'volume-return-not-seen',
    fault: 'That the very object of a lost volume is back is noticed by nobody.',
    make: () => ({
      store: (store) => ({
        ...store,
        async volumeSweepRows() {
          const rows = await store.volumeSweepRows();
          return rows.filter((row) => !row.isLost);
        },
        async workHint(kind, id, now) {
          const row = kind === 'volume' ? await store.volumeWorkRead(id) : null;
          if (row?.statusReason !== 'data_lost') await store.workHint(kind, id, now);
        },
      }),
    }),
  },
  {
    name: 'volume-existence-taken-for-bound',
    fault: 'A volume is reported as bound as soon as the engine has an object for it.',
    make: () => {
      const seenBound = async <T extends VolumeObservation | null>(seen: Promise<T>) => {
        const volume = await seen;
        return volume && { ...volume, phase: 'bound' as const, isStartable: true };
      };
      return {
        engine: (engine) => ({
          ...engine,
          volumes: {
            ...engine.volumes,
            apply: (spec) => seenBound(engine.volumes.apply(spec)),
            observe: (key) => seenBound(engine.volumes.observe(key)),
          },
        }),
      };
    },
  },
  {
    name: 'volume-first-consumer-waits',
    fault: 'A container waits for its volume to be bound, which its start alone would bring.',
    make: () => ({
      store: (store) => ({
        ...store,
        async containerWorkRead(id) {
          const work = await store.containerWorkRead(id);
          if (work === null) return null;
          const volumes = work.state.volumes.map((volume) =>
            volume.status === 'provisioning' ? { ...volume, statusReason: null } : volume,
          );
          return { ...work, state: { ...work.state, volumes } };
        },
      }),
    }),
  },
  {
    name: 'volume-binding-not-seen',
    fault: 'That a volume is bound with its first consumer is noticed by nobody.',
    make: () => ({
      store: (store) => ({
        ...store,
        async volumeSweepRows() {
          const rows = await store.volumeSweepRows();
          return rows.map((row) => Object.assign(row, { isBound: true }));
        },
        async workHint(kind, id, now) {
          const row = kind === 'volume' ? await store.volumeWorkRead(id) : null;
          if (row?.status !== 'provisioning') await store.workHint(kind, id, now);
        },
      }),
    }),
  },
  {
    name: 'volume-forgotten-before-confirmed',
    fault: 'A deleted volume’s row goes before the engine has confirmed that its data is gone.',
    make: () => ({
      reconcile: {
        volume: (reconcile, deps) => async (claim, lease) => {
          const state = await deps.store.volumeWorkRead(claim.id);
          if (state === null || state.deletedAt === null) return reconcile(claim, lease);
          return deps.store.volumeForget(claim);
        },
      },
    }),
  },
  {
    name: 'volume-recorded-too-early',
    fault: 'A volume is reported as bound before the engine has made it.',
    make: () => ({
      store: (store) => ({
        ...store,
        volumeRecord: (claim, before, after, ...rest) =>
          store.volumeRecord(
            claim,
            before,
            after.ref === null && after.deletedAt === null
              ? { ...after, ref: 'volume-0', status: 'bound' }
              : after,
            ...rest,
          ),
      }),
    }),
  },
];

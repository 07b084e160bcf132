import { type MemoryTables, imageVolumesOf, orgOf } from '../stores/memory-tables.ts';
import type { Plant } from './plant.ts';

/** Takes volumes from the containers that have them, in the rows of the volumes only. */
function mountersForget(tables: MemoryTables, ids: readonly number[]): void {
  for (const id of ids) {
    const row = tables.volumes.get(id);
    if (row !== undefined) tables.volumes.set(id, { ...row, containerId: null, mountPath: null });
  }
}

/** Bugs in what requests write about volumes, and in which objects are woken. */
export const volumeTablePlants: readonly Plant[] = [
  {
    name: 'volume-given-twice',
    fault: 'A container gets a volume though another one mounts it.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        containerCreate(orgId, desired, now) {
          mountersForget(
            tables,
            desired.volumes.map(({ volume }) => volume),
          );
          return desire.containerCreate(orgId, desired, now);
        },
        containerUpdate(orgId, id, change, now) {
          mountersForget(
            tables,
            (change.volumes ?? []).map(({ volume }) => volume),
          );
          return desire.containerUpdate(orgId, id, change, now);
        },
      }),
    }),
  },
  {
    name: 'volume-deleted-though-mounted',
    fault: 'A DELETE takes a volume that a container mounts.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        volumeDelete(orgId, id, now) {
          mountersForget(tables, [id]);
          return desire.volumeDelete(orgId, id, now);
        },
      }),
    }),
  },
  {
    name: 'volume-not-let-go',
    fault: 'A deleted container still mounts its volumes: nobody else can have them.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerDelete(orgId, id, now) {
          const before = new Map(tables.volumes);
          const isGone = await desire.containerDelete(orgId, id, now);
          for (const [volumeId, row] of before) tables.volumes.set(volumeId, row);
          return isGone;
        },
      }),
    }),
  },
  {
    name: 'volume-gb-freed-late',
    fault: "A deleted volume's GB are free only when the engine has confirmed.",
    make: (tables) => {
      function countAdd(orgId: number, sizeGb: number): void {
        const org = tables.orgs.get(orgId);
        if (org === undefined) return;
        tables.orgs.set(orgId, { ...org, volumeGbCount: org.volumeGbCount + sizeGb });
      }
      return {
        desire: (desire) => ({
          ...desire,
          async volumeDelete(orgId, id, now) {
            const outcome = await desire.volumeDelete(orgId, id, now);
            const sizeGb = tables.volumes.get(id)?.state.sizeGb ?? 0;
            if (outcome === 'deleted') countAdd(orgId, sizeGb);
            return outcome;
          },
        }),
        store: (store) => ({
          ...store,
          async volumeForget(claim) {
            const state = tables.volumes.get(claim.id)?.state;
            await store.volumeForget(claim);
            if (state !== undefined) countAdd(state.tenantId, -state.sizeGb);
          },
        }),
      };
    },
  },
  {
    name: 'volume-delete-does-not-wake',
    fault: 'A deleted volume is not made due.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async volumeDelete(orgId, id, now) {
          const before = tables.volumeWork.get(id);
          const outcome = await desire.volumeDelete(orgId, id, now);
          if (before !== undefined) tables.volumeWork.set(id, before);
          return outcome;
        },
      }),
    }),
  },
  {
    name: 'image-volume-made-again',
    fault: 'A change gives a container new volumes for the VOLUMEs of its image.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async containerWorkRead(id) {
          const work = await store.containerWorkRead(id);
          if (work === null || work.state.applied?.generation === work.state.generation)
            return work;
          return { ...work, state: { ...work.state, imageVolumes: [] } };
        },
        imageVolumesAdd(containerId, ...rest) {
          mountersForget(
            tables,
            imageVolumesOf(tables, containerId).map(({ state }) => state.id),
          );
          return store.imageVolumesAdd(containerId, ...rest);
        },
      }),
    }),
  },
  {
    name: 'image-volume-not-counted',
    fault: 'Volumes for VOLUMEs of images take no room in the plan.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async imageVolumesAdd(...ask) {
          const before = new Map(tables.orgs);
          const added = await store.imageVolumesAdd(...ask);
          for (const [id, org] of before) tables.orgs.set(id, org);
          return added;
        },
      }),
    }),
  },
  {
    name: 'image-volume-over-limit',
    fault: 'Volumes for VOLUMEs of images are made where the plan has no room.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async imageVolumesAdd(...ask) {
          const limits = new Map(tables.orgs);
          for (const [id, org] of limits) tables.orgs.set(id, { ...org, volumeGbLimit: Infinity });
          const added = await store.imageVolumesAdd(...ask);
          for (const [id, { volumeGbLimit }] of limits) {
            const org = tables.orgs.get(id);
            if (org !== undefined) tables.orgs.set(id, { ...org, volumeGbLimit });
          }
          return added;
        },
      }),
    }),
  },
  {
    name: 'image-volume-outlives-container',
    fault: 'The volumes for the VOLUMEs of an image stay when their container is deleted.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerDelete(orgId, id, now) {
          const before = new Map(
            imageVolumesOf(tables, id).map((row) => [row.state.id, row] as const),
          );
          const { volumeGbCount } = orgOf(tables, orgId);
          const isGone = await desire.containerDelete(orgId, id, now);
          for (const [volumeId, row] of before) tables.volumes.set(volumeId, row);
          tables.orgs.set(orgId, { ...orgOf(tables, orgId), volumeGbCount });
          return isGone;
        },
      }),
    }),
  },
  {
    name: 'volume-waiters-not-woken',
    fault: 'When a container has gone, nobody who waits for one of its volumes is woken.',
    make: () => ({
      store: (store) => ({
        ...store,
        containerForget: (claim, now) => store.containerForget(claim, now),
        containerRecord: (claim, before, after, now, next) =>
          store.containerRecord(claim, before, after, now, next),
      }),
    }),
  },
  {
    name: 'volume-mounter-not-woken',
    fault: 'A container that waits for a volume is not woken when that is made, or is back.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async volumeRecord(claim, ...rest) {
          const before = new Map(tables.work);
          await store.volumeRecord(claim, ...rest);
          for (const [id, row] of before) tables.work.set(id, row);
        },
      }),
    }),
  },
  {
    name: 'volume-fence-not-checked',
    fault: 'A volume’s turn records, though another worker has taken it over.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        volumeRecord(claim, ...rest) {
          const row = tables.volumeWork.get(claim.id);
          const now = row === undefined ? claim : { ...claim, fence: row.fence };
          return store.volumeRecord(now, ...rest);
        },
      }),
    }),
  },
];

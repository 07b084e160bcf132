import type { MemoryTables } from './memory-tables.ts';
import type { Plant } from './plant.ts';

/** Takes volumes from whoever has them, in the volumes' rows alone. */
function mountersForget(tables: MemoryTables, ids: readonly number[]): void {
  for (const id of ids) {
    const row = tables.volumes.get(id);
    if (row !== undefined) tables.volumes.set(id, { ...row, containerId: null, mountPath: null });
  }
}

/** Bugs of what requests write about volumes, and of who is woken. */
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

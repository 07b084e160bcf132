import type { MemoryTables } from '../stores/memory-tables.ts';
import type { Plant } from './plant.ts';

function quotaAdd(tables: MemoryTables, orgId: number, count: number): void {
  const org = tables.orgs.get(orgId);
  if (org === undefined) return;
  tables.orgs.set(orgId, { ...org, containerCount: org.containerCount + count });
}

/** Bugs in what requests write, and in what is written for all objects at once. */
export const tablePlants: readonly Plant[] = [
  {
    name: 'quota-freed-late',
    fault: "A deleted container's place in the quota is free only when the engine has confirmed.",
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerDelete(orgId, id, now) {
          const isGone = await desire.containerDelete(orgId, id, now);
          if (isGone) quotaAdd(tables, orgId, 1);
          return isGone;
        },
      }),
      store: (store) => ({
        ...store,
        async containerForget(claim, ...rest) {
          const orgId = tables.containers.get(claim.id)?.state.tenantId;
          await store.containerForget(claim, ...rest);
          if (orgId !== undefined) quotaAdd(tables, orgId, -1);
        },
      }),
    }),
  },
  {
    name: 'quota-not-checked',
    fault: 'A create is taken though the limit is reached.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerCreate(orgId, desired, now) {
          const org = tables.orgs.get(orgId);
          if (org !== undefined) tables.orgs.set(orgId, { ...org, containerLimit: 1000 });
          const made = await desire.containerCreate(orgId, desired, now);
          const after = tables.orgs.get(orgId);
          if (org !== undefined && after !== undefined) {
            tables.orgs.set(orgId, { ...after, containerLimit: org.containerLimit });
          }
          return made;
        },
      }),
    }),
  },
  {
    name: 'removals-without-bound',
    fault: 'An org may create and delete containers faster than the engine removes them.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerCreate(orgId, desired, now) {
          const org = tables.orgs.get(orgId);
          if (org !== undefined) tables.orgs.set(orgId, { ...org, removalLimit: 1000 });
          const made = await desire.containerCreate(orgId, desired, now);
          const after = tables.orgs.get(orgId);
          if (org !== undefined && after !== undefined) {
            tables.orgs.set(orgId, { ...after, removalLimit: org.removalLimit });
          }
          return made;
        },
      }),
    }),
  },
  {
    name: 'generation-not-bumped',
    fault: 'A PATCH changes the spec and not the generation.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerUpdate(orgId, id, change, now) {
          const before = tables.containers.get(id);
          const isThere = await desire.containerUpdate(orgId, id, change, now);
          const after = tables.containers.get(id);
          if (before !== undefined && after !== undefined) {
            const { generation } = before.state;
            tables.containers.set(id, { ...after, state: { ...after.state, generation } });
          }
          return isThere;
        },
      }),
    }),
  },
  {
    name: 'patch-resets-lost',
    fault: 'A PATCH leaves the restarts and the reason of the former spec standing.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerUpdate(orgId, id, change, now) {
          const before = tables.containers.get(id);
          const isThere = await desire.containerUpdate(orgId, id, change, now);
          const after = tables.containers.get(id);
          if (before !== undefined && after !== undefined && before !== after) {
            const { restartCount, statusReason, statusMessage } = before.state;
            const state = { ...after.state, restartCount, statusReason, statusMessage };
            tables.containers.set(id, { ...after, state });
          }
          return isThere;
        },
      }),
    }),
  },
  {
    name: 'delete-does-not-wake',
    fault: 'A deleted container is not made due.',
    make: (tables) => ({
      desire: (desire) => ({
        ...desire,
        async containerDelete(orgId, id, now) {
          const before = tables.work.get(id);
          const isGone = await desire.containerDelete(orgId, id, now);
          if (before !== undefined) tables.work.set(id, before);
          return isGone;
        },
      }),
    }),
  },
  {
    name: 'network-given-twice',
    fault: 'Two orgs are given the same IPv4 network.',
    make: (tables) => ({
      subnets: (subnets) => ({
        ...subnets,
        async ensure(orgId) {
          const given = await subnets.ensure(orgId);
          const org = tables.orgs.get(orgId);
          const other = [...tables.orgs.values()].find(
            (each) => each.id !== orgId && each.ipv4Subnet !== null,
          );
          if (org === undefined || other?.ipv4Subnet === undefined) return given;
          const { ipv4Subnet } = other;
          tables.orgs.set(orgId, { ...org, ipv4Subnet });
          return { ...given, ipv4Subnet: ipv4Subnet ?? '' };
        },
      }),
    }),
  },
];

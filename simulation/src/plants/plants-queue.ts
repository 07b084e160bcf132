import { ANY_ORG } from '../../../server/src/reconciler/org-turns.ts';
import type { Claim } from '../../../server/src/reconciler/store.ts';
import type { MemoryTables } from '../stores/memory-tables.ts';
import type { Plant } from './plant.ts';

const DAY_MS = 86_400_000;

/** The claim as the table has it at the moment. */
function claimNow(tables: MemoryTables, claim: Claim): Claim {
  const row = tables.work.get(claim.id);
  return row === undefined ? claim : { ...claim, fence: row.fence };
}

function wokenNow(tables: MemoryTables, claim: Claim): Claim {
  const row = tables.work.get(claim.id);
  return row === undefined ? claim : { ...claim, wakeSeq: row.wakeSeq, hintSeq: row.hintSeq };
}

/** Bugs of claims, leases and wake-ups. */
export const queuePlants: readonly Plant[] = [
  {
    name: 'time-of-machine',
    fault: 'A worker goes by the clock of its own machine, not by that of the database.',
    make: () => ({ clock: (clock, { now }) => ({ ...clock, now, isSure: () => true }) }),
  },
  {
    name: 'doubt-ignored',
    fault: 'A worker goes on after its machine was suspended, before it has read the time again.',
    make: () => ({ clock: (clock) => ({ ...clock, isSure: () => true }) }),
  },
  {
    name: 'fence-not-checked',
    fault: 'A turn records, though another worker has taken its object over.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        containerRecord: (claim, ...rest) =>
          store.containerRecord(claimNow(tables, claim), ...rest),
      }),
    }),
  },
  {
    name: 'release-without-fence',
    fault: 'A turn that broke off gives back what another worker holds by now.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        workRelease: (claim, ...rest) => store.workRelease(claimNow(tables, claim), ...rest),
      }),
    }),
  },
  {
    name: 'wake-up-lost',
    fault: 'A wake-up that comes while a worker holds the object leaves no trace.',
    make(tables) {
      /** Wakes the object, but restores the counters of an object that is held. */
      async function withoutTrace(id: number, now: Date, wake: () => Promise<void>): Promise<void> {
        const before = tables.work.get(id);
        await wake();
        const after = tables.work.get(id);
        const until = before?.leaseUntil ?? null;
        if (before === undefined || after === undefined || until === null || until <= now) return;
        const { wakeSeq, hintSeq } = before;
        tables.work.set(id, { ...after, wakeSeq, hintSeq });
      }
      return {
        store: (store) => ({
          ...store,
          workWake: (kind, id, now) => withoutTrace(id, now, () => store.workWake(kind, id, now)),
          workHint: (kind, id, now) => withoutTrace(id, now, () => store.workHint(kind, id, now)),
          containerMarkEnded: (id, ended, now) =>
            withoutTrace(id, now, () => store.containerMarkEnded(id, ended, now)),
        }),
      };
    },
  },
  {
    name: 'end-without-turn',
    fault: 'A process is reported as ended, and nothing is due that would start it again.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async containerMarkEnded(id, ended, now) {
          const before = tables.work.get(id);
          await store.containerMarkEnded(id, ended, now);
          if (before !== undefined) tables.work.set(id, before);
        },
      }),
    }),
  },
  {
    name: 'due-cleared-though-woken',
    fault: 'Recording clears what was due, though the object was woken meanwhile.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        containerRecord: (claim, ...rest) =>
          store.containerRecord(wokenNow(tables, claim), ...rest),
      }),
    }),
  },
  {
    name: 'claimed-though-held',
    fault: 'A claimed object stays due, so that other workers take it, too.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async workClaim(worker, now, ...rest) {
          const claims = await store.workClaim(worker, now, ...rest);
          for (const { id } of claims) {
            const row = tables.work.get(id);
            if (row !== undefined) tables.work.set(id, { ...row, dueAt: now });
          }
          return claims;
        },
      }),
    }),
  },
  {
    name: 'hint-ends-delay',
    fault: 'What the engine says of an object whose turn failed ends the delay after the failure.',
    make: () => ({
      store: (store) => ({
        ...store,
        workHint: (kind, id, now) => store.workWake(kind, id, now),
      }),
    }),
  },
  {
    name: 'hint-counts-after-failure',
    fault:
      'What the engine says during a turn makes the object due at once, though the turn fails.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async containerRecord(claim, before, after, now, next, released) {
          const isHinted = tables.work.get(claim.id)?.hintSeq !== claim.hintSeq;
          await store.containerRecord(claim, before, after, now, next, released);
          const row = tables.work.get(claim.id);
          if (isHinted && row !== undefined) tables.work.set(claim.id, { ...row, dueAt: now });
        },
      }),
    }),
  },
  {
    name: 'places-without-bound',
    fault: 'An org may have every place of a worker.',
    make: () => ({
      store: (store) => ({
        ...store,
        workClaim: (worker, now, leaseMs, limit) => store.workClaim(worker, now, leaseMs, limit),
      }),
    }),
  },
  {
    name: 'longest-due-first',
    fault: 'Places go to whatever has been due the longest, whichever org has places already.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async workClaim(worker, now, leaseMs, limit, places) {
          const due = [...tables.work].filter(([, { dueAt }]) => dueAt !== null && dueAt <= now);
          const later = due.toSorted(([, a], [, b]) => Number(a.dueAt) - Number(b.dueAt)).slice(1);
          for (const [id, row] of later) tables.work.set(id, { ...row, dueAt: null });
          const claiming = store.workClaim(worker, now, leaseMs, Math.min(limit, 1), places);
          for (const [id, row] of later) tables.work.set(id, row);
          return await claiming;
        },
      }),
    }),
  },
  {
    name: 'places-given-not-counted',
    fault: 'The places that an org has already are forgotten when more are given.',
    make: () => ({
      store: (store) => ({
        ...store,
        workClaim: (worker, now, leaseMs, limit, places = ANY_ORG) =>
          store.workClaim(worker, now, leaseMs, limit, { ...places, held: new Map() }),
      }),
    }),
  },
  {
    name: 'org-waits-for-every-turn',
    fault: 'An org with much to do waits for turns of others however long they take.',
    make: () => ({
      store: (store) => ({
        ...store,
        workClaim: (worker, now, leaseMs, limit, places = ANY_ORG) => {
          const begunAt = new Map([...places.held.keys()].map((orgId) => [orgId, new Date(0)]));
          return store.workClaim(worker, now, leaseMs, limit, { ...places, begunAt });
        },
      }),
    }),
  },
  {
    name: 'aside-without-bound',
    fault: 'Objects for which calls of the engine hang may have every place of their org.',
    make: () => ({
      store: (store) => ({
        ...store,
        workClaim: (worker, now, leaseMs, limit, places = ANY_ORG) =>
          store.workClaim(worker, now, leaseMs, limit, { ...places, aside: Infinity }),
      }),
    }),
  },
  {
    name: 'hang-not-counted',
    fault:
      'A call of the engine that hangs is a failure like any other, and its object is tried as often.',
    make: () => ({
      store: (store) => ({
        ...store,
        containerRecord: (claim, before, after, now, next, released) =>
          store.containerRecord(claim, before, after, now, { ...next, hangs: 0 }, released),
      }),
    }),
  },
  {
    name: 'lease-without-end',
    fault: 'What a worker claimed is not due again when its lease ends, and is not reclaimed.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async workClaim(worker, now, ...rest) {
          const claims = await store.workClaim(worker, now, ...rest);
          for (const { id } of claims) {
            const row = tables.work.get(id);
            const never = new Date(now.getTime() + DAY_MS);
            if (row !== undefined) tables.work.set(id, { ...row, dueAt: never });
          }
          return claims;
        },
        async workRenew(_worker, held) {
          return new Set(held);
        },
        workReclaimDead: async () => 0,
      }),
    }),
  },
  {
    name: 'lease-not-checked',
    fault: 'A verb starts though too little lease is left for it.',
    make: () => ({
      reconcile: { container: (reconcile) => (claim) => reconcile(claim, { require() {} }) },
    }),
  },
  {
    name: 'successor-not-woken',
    fault: 'Nobody wakes the container that waits for the name of a removed one.',
    make: (tables) => ({
      store: (store) => ({
        ...store,
        async containerForget(claim, ...rest) {
          const before = new Map(tables.work);
          await store.containerForget(claim, ...rest);
          for (const [id, row] of before) if (tables.work.has(id)) tables.work.set(id, row);
        },
      }),
    }),
  },
  {
    name: 'unknown-not-woken',
    fault: 'Of what was said not to be known, nothing is looked at when the engine is back.',
    make: () => ({
      store: (store) => ({
        ...store,
        containersWakeUnknown: async () => undefined,
        async containerSweepRows() {
          const rows = await store.containerSweepRows();
          for (const row of rows) row.isUnknown = false;
          return rows;
        },
      }),
    }),
  },
];

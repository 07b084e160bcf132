// The queue: how a worker's places are divided.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HANGS_ASIDE } from '../../../server/src/reconciler/next-try.ts';
import { ANY_ORG } from '../../../server/src/reconciler/org-turns.ts';
import { AT_REST, LEASE_MS, type StoreContext, at, desiredOf } from './context.ts';

export function queuePlaceTests(context: () => StoreContext): void {
  describe('places of orgs', () => {
    /** Containers of another org, due since `now`. */
    async function others(count: number, now: Date): Promise<Set<number>> {
      const { whole } = context();
      const orgId = await whole.desire.orgCreate('b', 1000);
      const ids = new Set<number>();
      for (let made = 0; made < count; made += 1) {
        const outcome = await whole.desire.containerCreate(orgId, desiredOf(), now);
        if (outcome.outcome === 'created') ids.add(outcome.id);
      }
      assert.equal(ids.size, count);
      return ids;
    }

    it('are given in turn, however long the objects of one org have been due', async () => {
      const { whole, create, worker, orgId } = context();
      const crowd = await others(10, at(0));
      const late = await create(at(5));
      const { number } = await worker();
      const claims = await whole.store.workClaim(number, at(6), LEASE_MS, 2);
      assert.equal(claims.length, 2);
      assert.ok(claims.some((claim) => claim.id === late && claim.orgId === orgId));
      assert.equal(claims.filter(({ id }) => crowd.has(id)).length, 1);
    });

    it('are found for an org behind a crowd of hundreds of another', async () => {
      const { whole, create, worker } = context();
      await others(200, at(0));
      const late = await create(at(5));
      const { number } = await worker();
      const claims = await whole.store.workClaim(number, at(6), LEASE_MS, 2);
      assert.ok(claims.some(({ id }) => id === late));
      assert.equal(claims.length, 2);
    });

    it('are at most as many as allowed, with those that the worker gave already', async () => {
      const { whole, worker } = context();
      await others(10, at(0));
      const { number } = await worker();
      const first = await whole.store.workClaim(number, at(1), LEASE_MS, 8, {
        ...ANY_ORG,
        perOrg: 4,
        aside: 1,
      });
      assert.equal(first.length, 4);
      const held = new Map([[first[0]?.orgId ?? 0, 4]]);
      const next = await whole.store.workClaim(number, at(1), LEASE_MS, 4, {
        ...ANY_ORG,
        perOrg: 4,
        held,
        aside: 1,
      });
      assert.deepEqual(next, []);
    });
  });

  describe('objects that are put aside', () => {
    const places = { ...ANY_ORG, perOrg: 8, aside: 1 };

    it('get as many places as are theirs, after the others of their org', async () => {
      const { whole, create, worker, claim } = context();
      const one = await worker();
      const hanging = new Set<number>();
      for (let count = 0; count < 3; count += 1) {
        const id = await create(at(0));
        hanging.add(id);
        const held = await claim(one, at(0));
        const next = { dueAt: at(1), failures: 2, hangs: HANGS_ASIDE };
        await whole.store.workRelease(held, at(0.5), next);
      }
      const healthy = await create(at(5));
      const none = await whole.store.workClaim(one.number, at(6), LEASE_MS, 1, places);
      assert.deepEqual(
        none.map(({ id }) => id),
        [healthy],
      );
      const [held, ...others] = await whole.store.workClaim(
        ...([one.number, at(6), LEASE_MS, 8, places] as const),
      );
      assert.deepEqual(others, []);
      assert.ok(held && hanging.has(held.id) && held.hangs === HANGS_ASIDE);
      const full = { ...places, aside: 0 };
      assert.deepEqual(await whole.store.workClaim(one.number, at(6), LEASE_MS, 8, full), []);
    });

    it('do not hide the others of their org, however many they are', async () => {
      const { whole, create, worker } = context();
      const one = await worker();
      for (let count = 0; count < 80; count += 1) await create(at(0));
      for (const held of await whole.store.workClaim(one.number, at(0), LEASE_MS, 80)) {
        const next = { dueAt: at(1), failures: 2, hangs: HANGS_ASIDE };
        await whole.store.workRelease(held, at(0.5), next);
      }
      const healthy = await create(at(5));
      const full = { ...places, aside: 0 };
      const claims = await whole.store.workClaim(one.number, at(6), LEASE_MS, 4, full);
      assert.deepEqual(
        claims.map(({ id }) => id),
        [healthy],
      );
      await whole.store.workRelease(claims[0] ?? assert.fail(), at(6), {
        dueAt: at(6),
        failures: 0,
      });
      const both = await whole.store.workClaim(one.number, at(7), LEASE_MS, 4, places);
      assert.deepEqual(both.length, 2);
      assert.ok(both.some(({ id }) => id === healthy));
    });

    it('are ordinary ones when a turn succeeds, or the engine is back', async () => {
      const { whole, create, worker, claim, work } = context();
      const one = await worker();
      const id = await create(at(0));
      const hung = { dueAt: at(500), failures: 2, hangs: HANGS_ASIDE };
      await whole.store.workRelease(await claim(one, at(1)), at(1), hung);
      await whole.store.workWake('container', id, at(2));
      assert.equal((await work(id)).hangs, HANGS_ASIDE);
      await whole.store.workRelease(await claim(one, at(2)), at(3), AT_REST);
      assert.equal((await work(id)).hangs, 0);
      await whole.store.workWake('container', id, at(4));
      await whole.store.workRelease(await claim(one, at(4)), at(5), hung);
      await whole.store.containersWakeUnknown(at(5), at(6));
      assert.equal((await work(id)).hangs, 0);
    });
  });
}

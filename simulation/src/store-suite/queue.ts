import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HANGS_ASIDE } from '../../../server/src/reconciler/next-try.ts';
import { AT_REST, LEASE_MS, type StoreContext, at, desiredOf } from './context.ts';

export function queueTests(context: () => StoreContext): void {
  describe('workClaim', () => {
    it('takes what is due, the longest due first, up to the limit', async () => {
      const { whole, create, worker } = context();
      const [late, early, middle] = [await create(at(3)), await create(at(1)), await create(at(2))];
      const future = await create(at(100));
      const { number } = await worker();
      const first = await whole.store.workClaim(number, at(10), LEASE_MS, 2);
      assert.deepEqual(new Set(first.map((claim) => claim.id)), new Set([early, middle]));
      const second = await whole.store.workClaim(number, at(10), LEASE_MS, 2);
      assert.deepEqual(
        second.map((claim) => claim.id),
        [late],
      );
      assert.deepEqual(await whole.store.workClaim(number, at(10), LEASE_MS, 2), []);
      const last = await whole.store.workClaim(number, at(100), LEASE_MS, 50);
      assert.deepEqual(
        new Set(last.map((claim) => claim.id)),
        new Set([future, early, middle, late]),
      );
    });

    it('says what it claimed: whose, since when due, how often failed, with a new fence', async () => {
      const { whole, create, worker, claim, orgId } = context();
      const id = await create(at(1));
      const one = await worker();
      const first = await claim(one, at(2));
      const counters = { fence: 0, wakeSeq: 0, hintSeq: 0 };
      assert.deepEqual(
        { ...first, ...counters },
        { kind: 'container', id, orgId, ...counters, failures: 0, hangs: 0, dueAt: at(1) },
      );
      await whole.store.workRelease(first, at(3), { dueAt: at(5), failures: 4 });
      const second = await claim(one, at(6));
      assert.ok(second.fence > first.fence);
      assert.equal(second.failures, 4);
      assert.deepEqual(second.dueAt, at(5));
    });

    it('makes it due again when its lease ends', async () => {
      const { whole, create, worker, claim } = context();
      await create(at(0));
      const [dies, lives] = [await worker(), await worker()];
      await claim(dies, at(0));
      assert.deepEqual(await whole.store.workNextDue(at(0)), at(LEASE_MS / 1000));
      assert.deepEqual(await whole.store.workClaim(lives.number, at(14.9), LEASE_MS, 5), []);
      await claim(lives, at(15));
    });

    it('gives each object to one of many workers that claim at once', async () => {
      const { whole, create, worker } = context();
      const ids = new Set<number>();
      for (let count = 0; count < 20; count += 1) ids.add(await create(at(0)));
      const workers = await Promise.all([worker(), worker(), worker(), worker()]);
      const claims: number[] = [];
      // A worker that finds all due rows locked gets none; the next round hands them out.
      for (let round = 0; round < 4; round += 1) {
        const taken = await Promise.all(
          workers.map(({ number }) => whole.store.workClaim(number, at(1), LEASE_MS, 5)),
        );
        claims.push(...taken.flat().map((claim) => claim.id));
      }
      assert.deepEqual(
        claims.toSorted((a, b) => a - b),
        [...ids].toSorted((a, b) => a - b),
      );
    });
  });

  describe('workWake', () => {
    it('makes an object at rest due now', async () => {
      const { whole, create, worker, run, work } = context();
      const id = await create(at(0));
      await run(await worker(), id, at(1));
      assert.equal((await work(id)).dueAt, null);
      await whole.store.workWake('container', id, at(50));
      assert.deepEqual((await work(id)).dueAt, at(50));
    });

    it('brings a later turn forward, and puts an earlier one off by nothing', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      await whole.store.workWake('container', id, at(5));
      assert.deepEqual((await work(id)).dueAt, at(0));
      const held = await claim(await worker(), at(6));
      await whole.store.workRelease(held, at(7), { dueAt: at(500), failures: 1 });
      await whole.store.workWake('container', id, at(8));
      assert.deepEqual((await work(id)).dueAt, at(8));
      assert.equal((await work(id)).failures, 1);
    });

    it('leaves a held object with its worker, and makes it due when it is given back', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const [one, two] = [await worker(), await worker()];
      const held = await claim(one, at(1));
      await whole.store.workWake('container', id, at(2));
      assert.deepEqual(await whole.store.workClaim(two.number, at(3), LEASE_MS, 5), []);
      assert.equal(await whole.store.workRelease(held, at(4), AT_REST), true);
      assert.deepEqual((await work(id)).dueAt, at(4));
    });

    it('makes one due whose lease has ended', async () => {
      const { whole, create, worker, claim } = context();
      const id = await create(at(0));
      const [one, two] = [await worker(), await worker()];
      await claim(one, at(1));
      await whole.store.workWake('container', id, at(100));
      assert.equal((await claim(two, at(100))).id, id);
    });

    it('of nothing is nothing', async () => {
      await context().whole.store.workWake('container', 424_242, at(0));
      assert.equal(await context().whole.store.workNextDue(at(-1)), null);
    });
  });

  describe('workHint', () => {
    it('makes an object at rest, or one that waits without a failure, due now', async () => {
      const { whole, create, worker, run, claim, work } = context();
      const id = await create(at(0));
      const one = await worker();
      await run(one, id, at(1));
      await whole.store.workHint('container', id, at(5));
      assert.deepEqual((await work(id)).dueAt, at(5));
      await whole.store.workRelease(await claim(one, at(5)), at(6), { dueAt: at(90), failures: 0 });
      await whole.store.workHint('container', id, at(7));
      assert.deepEqual((await work(id)).dueAt, at(7));
    });

    it('leaves the delay after a failure as it is', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      await whole.store.workRelease(held, at(2), { dueAt: at(90), failures: 1 });
      await whole.store.workHint('container', id, at(3));
      assert.deepEqual((await work(id)).dueAt, at(90));
      await whole.store.workWake('container', id, at(4));
      assert.deepEqual((await work(id)).dueAt, at(4));
    });

    it('during a turn makes the object due again when that succeeds, not when it fails', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const one = await worker();
      const first = await claim(one, at(1));
      await whole.store.workHint('container', id, at(2));
      assert.deepEqual(await whole.store.workClaim(one.number, at(2), LEASE_MS, 5), []);
      await whole.store.workRelease(first, at(3), AT_REST);
      assert.deepEqual((await work(id)).dueAt, at(3));
      const second = await claim(one, at(3));
      await whole.store.workHint('container', id, at(4));
      await whole.store.workRelease(second, at(5), { dueAt: at(90), failures: 1 });
      assert.deepEqual((await work(id)).dueAt, at(90));
      // Nothing of it remains for the next turn.
      await whole.store.workRelease(await claim(one, at(90)), at(91), AT_REST);
      assert.equal((await work(id)).dueAt, null);
    });
  });

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
        perOrg: 4,
        held: new Map(),
        aside: 1,
      });
      assert.equal(first.length, 4);
      const held = new Map([[first[0]?.orgId ?? 0, 4]]);
      const next = await whole.store.workClaim(number, at(1), LEASE_MS, 4, {
        perOrg: 4,
        held,
        aside: 1,
      });
      assert.deepEqual(next, []);
    });
  });

  describe('objects that are put aside', () => {
    const places = { perOrg: 8, held: new Map<number, number>(), aside: 1 };

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

  describe('workRelease', () => {
    it('gives back: due as given, with no lease', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      assert.equal(await whole.store.workRelease(held, at(2), { dueAt: at(9), failures: 3 }), true);
      const { wakeSeq, hintSeq, fence } = held;
      assert.deepEqual(await work(id), {
        dueAt: at(9),
        wakeSeq,
        hintSeq,
        engineBackAt: null,
        leaseOwner: null,
        leaseUntil: null,
        fence,
        failures: 3,
        hangs: 0,
      });
    });

    it('writes nothing once another worker has taken over', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const stalled = await claim(await worker(), at(1));
      const successor = await claim(await worker(), at(20));
      const before = await work(id);
      assert.equal(await whole.store.workRelease(stalled, at(21), AT_REST), false);
      assert.deepEqual(await work(id), before);
      assert.equal(await whole.store.workRelease(successor, at(22), AT_REST), true);
      assert.equal((await work(id)).dueAt, null);
    });

    it('still works when the lease has ended and nobody has taken over', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      assert.equal(await whole.store.workRelease(held, at(60), AT_REST), true);
      assert.equal((await work(id)).dueAt, null);
    });
  });

  describe('workRenew', () => {
    it('makes the leases longer of what the worker holds, and tells which', async () => {
      const { whole, create, worker, claim, work } = context();
      const lost = await create(at(0));
      const [one, two] = [await worker(), await worker()];
      const stale = await claim(one, at(0));
      await claim(two, at(20));
      const kept = await create(at(20));
      const held = await claim(one, at(20));
      const renewed = await whole.store.workRenew(one.number, [stale, held], at(60));
      assert.deepEqual([...renewed], [held]);
      assert.deepEqual((await work(kept)).leaseUntil, at(60));
      assert.deepEqual((await work(kept)).dueAt, at(60));
      assert.deepEqual((await work(lost)).leaseUntil, at(35));
      assert.deepEqual(await whole.store.workClaim(two.number, at(34), LEASE_MS, 5), []);
    });

    it('never makes a lease shorter: wishes may overtake each other', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const one = await worker();
      const held = await claim(one, at(0));
      await whole.store.workRenew(one.number, [held], at(60));
      assert.deepEqual([...(await whole.store.workRenew(one.number, [held], at(58)))], [held]);
      assert.deepEqual((await work(id)).leaseUntil, at(60));
      assert.deepEqual((await work(id)).dueAt, at(60));
    });

    it('is not for another worker, nor for what was given back', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const [one, two] = [await worker(), await worker()];
      const held = await claim(one, at(0));
      assert.deepEqual([...(await whole.store.workRenew(two.number, [held], at(60)))], []);
      await whole.store.workRelease(held, at(1), AT_REST);
      assert.deepEqual([...(await whole.store.workRenew(one.number, [held], at(60)))], []);
      assert.equal((await work(id)).dueAt, null);
    });
  });

  describe('workReclaimDead', () => {
    it('frees what dead workers hold, at once, and nothing of the living', async () => {
      const { whole, create, worker, claim, work } = context();
      const dead = await create(at(0));
      const dies = await worker();
      const abandoned = await claim(dies, at(0));
      const alive = await create(at(1));
      const lives = await worker();
      await claim(lives, at(1));
      assert.equal(await whole.store.workReclaimDead(at(2)), 0);
      await dies.close();
      assert.equal(await whole.store.workReclaimDead(at(3)), 1);
      assert.deepEqual((await work(dead)).dueAt, at(3));
      assert.equal((await work(dead)).leaseOwner, null);
      assert.equal((await work(alive)).leaseOwner, lives.number);
      const taken = await claim(lives, at(3));
      assert.equal(taken.id, dead);
      assert.equal(await whole.store.workRelease(abandoned, at(4), AT_REST), false);
    });
  });

  describe('workNextDue', () => {
    it('is the first turn after a moment, or null when there is none', async () => {
      const { whole, create, worker, run, claim } = context();
      assert.equal(await whole.store.workNextDue(at(-1)), null);
      const one = await worker();
      await run(one, await create(at(0)), at(0));
      assert.equal(await whole.store.workNextDue(at(-1)), null);
      await create(at(5));
      assert.deepEqual(await whole.store.workNextDue(at(4)), at(5));
      assert.equal(await whole.store.workNextDue(at(5)), null);
      const held = await claim(one, at(6));
      await whole.store.workRelease(held, at(7), { dueAt: at(70), failures: 0 });
      assert.deepEqual(await whole.store.workNextDue(at(7)), at(70));
    });
  });
}

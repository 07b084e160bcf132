import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_REST, LEASE_MS, type StoreContext, at } from './context.ts';

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

    it('tells what it took: since when due, how often failed, with a fence of its own', async () => {
      const { whole, create, worker, claim } = context();
      const id = await create(at(1));
      const one = await worker();
      const first = await claim(one, at(2));
      assert.deepEqual(
        { ...first, fence: 0, wakeSeq: 0 },
        { kind: 'container', id, fence: 0, wakeSeq: 0, failures: 0, dueAt: at(1) },
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
      assert.deepEqual(await whole.store.workNextDue(), at(LEASE_MS / 1000));
      assert.deepEqual(await whole.store.workClaim(lives.number, at(14.9), LEASE_MS, 5), []);
      await claim(lives, at(15));
    });

    it('gives each object to one of many workers that claim at once', async () => {
      const { whole, create, worker } = context();
      const ids = new Set<number>();
      for (let count = 0; count < 20; count += 1) ids.add(await create(at(0)));
      const workers = await Promise.all([worker(), worker(), worker(), worker()]);
      const claims: number[] = [];
      // One that finds all due rows locked gets none; the next round gives them out.
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
      assert.equal(await context().whole.store.workNextDue(), null);
    });
  });

  describe('workRelease', () => {
    it('gives back: due as told, with no lease', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      assert.equal(await whole.store.workRelease(held, at(2), { dueAt: at(9), failures: 3 }), true);
      const { wakeSeq, fence } = held;
      assert.deepEqual(await work(id), {
        dueAt: at(9),
        wakeSeq,
        leaseOwner: null,
        leaseUntil: null,
        fence,
        failures: 3,
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
    it('is the soonest turn of all, or null when all are at rest', async () => {
      const { whole, create, worker, run, claim } = context();
      assert.equal(await whole.store.workNextDue(), null);
      const one = await worker();
      await run(one, await create(at(0)), at(0));
      assert.equal(await whole.store.workNextDue(), null);
      await create(at(5));
      const held = await claim(one, at(6));
      await whole.store.workRelease(held, at(7), { dueAt: at(70), failures: 0 });
      assert.deepEqual(await whole.store.workNextDue(), at(70));
    });
  });
}

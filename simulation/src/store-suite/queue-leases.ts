// The queue: how long a worker holds an object, and how it gives it back.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_REST, LEASE_MS, type StoreContext, at } from './context.ts';

export function queueLeaseTests(context: () => StoreContext): void {
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
}

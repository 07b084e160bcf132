// The queue: what is due, and what makes it so.
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

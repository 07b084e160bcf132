import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerState } from '../../../server/src/containers/state.ts';
import { FenceLost } from '../../../server/src/reconciler/store.ts';
import { AT_REST, type StoreContext, appliedOf, at, desiredOf, ran } from './context.ts';

export function recordTests(context: () => StoreContext): void {
  describe('containerWorkRead', () => {
    it('is the whole row, deleted or not, and null without one', async () => {
      const { whole, create, read, orgId } = context();
      const id = await create(at(0));
      assert.equal((await read(id)).state.deletedAt, null);
      assert.equal((await read(id)).state.tenantId, orgId);
      await whole.desire.containerDelete(orgId, id, at(1));
      assert.deepEqual((await read(id)).state.deletedAt, at(1));
      assert.equal(await whole.store.containerWorkRead(424_242), null);
    });

    it('tells whether a deleted container of the same org and name is still there', async () => {
      const { whole, create, read, orgId } = context();
      const other = await whole.desire.orgCreate('b', 1);
      const desired = desiredOf({ name: 'web', image: 'a:1' });
      const foreign = await whole.desire.containerCreate(other, desired, at(0));
      assert.equal(foreign.outcome, 'created');
      if (foreign.outcome === 'created')
        await whole.desire.containerDelete(other, foreign.id, at(0));
      const unrelated = await create(at(0), { name: 'api' });
      await whole.desire.containerDelete(orgId, unrelated, at(0));
      const id = await create(at(1), { name: 'web' });
      assert.equal((await read(id)).state.nameHeld, false);
      await whole.desire.containerDelete(orgId, id, at(2));
      const successor = await create(at(3), { name: 'web' });
      assert.equal((await read(successor)).state.nameHeld, true);
    });
  });

  describe('containerRecord', () => {
    it('writes what a turn found, and gives the object back', async () => {
      const { whole, create, worker, claim, read, stored, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      const { state } = await read(id);
      const next = { dueAt: at(9), failures: 2 };
      await whole.store.containerRecord(held, state, ran(state), at(2), next);
      assert.deepEqual((await read(id)).state, ran(state));
      assert.equal((await stored(id)).observedGeneration, 1);
      const { dueAt, failures, leaseOwner } = await work(id);
      assert.deepEqual([dueAt, failures, leaseOwner], [at(9), 2, null]);
    });

    it('keeps since when the status is so, until it is another', async () => {
      const { whole, create, worker, claim, read, stored, orgId } = context();
      const id = await create(at(0));
      const one = await worker();
      const since = async () => (await stored(id)).statusSince;
      const record = async (second: number, change: Partial<ContainerState>) => {
        const held = await claim(one, at(second));
        const { state } = await read(id);
        const next = { dueAt: at(second + 1), failures: 0 };
        await whole.store.containerRecord(held, state, { ...state, ...change }, at(second), next);
      };
      assert.deepEqual(await since(), at(0));
      await record(1, ran((await read(id)).state));
      assert.deepEqual(await since(), at(1));
      await record(2, { restartCount: 1 });
      assert.deepEqual(await since(), at(1));
      await record(3, { status: 'failed', statusReason: 'exited', nextRetryAt: at(4) });
      assert.deepEqual(await since(), at(3));
      await record(4, { statusReason: 'crash_loop', nextRetryAt: at(5) });
      assert.deepEqual(await since(), at(3));
      await whole.desire.containerStop(orgId, id, at(5));
      assert.deepEqual(await since(), at(3));
      await record(6, { status: 'stopped', statusReason: null, nextRetryAt: null });
      assert.deepEqual(await since(), at(6));
      await whole.desire.containerStart(orgId, id, at(7));
      assert.deepEqual(await since(), at(7));
    });

    it('is due at once when something woke the object meanwhile', async () => {
      const { whole, create, worker, claim, read, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      const { state } = await read(id);
      await whole.store.workWake('container', id, at(2));
      await whole.store.containerRecord(held, state, ran(state), at(3), AT_REST);
      assert.deepEqual((await work(id)).dueAt, at(3));
      assert.equal((await read(id)).state.status, 'running');
    });

    it('throws FenceLost and writes nothing when another worker has taken over', async () => {
      const { whole, create, worker, claim, read, stored, work } = context();
      const id = await create(at(0));
      const stalled = await claim(await worker(), at(1));
      const { state } = await read(id);
      await claim(await worker(), at(20));
      const before = [await stored(id), await work(id)];
      await assert.rejects(
        whole.store.containerRecord(stalled, state, ran(state), at(21), AT_REST),
        FenceLost,
      );
      assert.deepEqual([await stored(id), await work(id)], before);
    });

    it('leaves what a PATCH has reset since as the PATCH left it', async () => {
      const { whole, create, worker, claim, read, orgId } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      const { state } = await read(id);
      await whole.desire.containerUpdate(orgId, id, { image: 'app:2' }, at(2));
      const found = {
        ...ran(state),
        status: 'failed' as const,
        statusReason: 'image_not_found',
        statusMessage: 'No such image.',
        restartCount: 1,
        warnings: [{ code: 'ipv4_only_listener', message: 'Bind to [::].' }],
        attemptAt: at(1),
        pullStartedAt: at(1),
        pullRetries: 1,
        exitTimes: [at(1)],
        exitRef: 'ref-1',
        exitCount: 2,
        exitFinishedAt: at(1),
        stopRef: 'ref-1',
        stopRequestedAt: at(1),
        restartAt: at(50),
      };
      await whole.store.containerRecord(held, state, found, at(3), AT_REST);
      const is = (await read(id)).state;
      assert.deepEqual(is, {
        ...found,
        generation: 2,
        desired: { ...state.desired, image: 'app:2' },
        statusReason: null,
        statusMessage: null,
        restartCount: 0,
        attemptAt: at(2),
        pullStartedAt: null,
        pullRetries: 0,
        restartAt: null,
      });
      assert.deepEqual(is.applied, appliedOf(state));
    });

    it('writes only what changed: another writer of the rest is not undone', async () => {
      const { whole, create, worker, run, claim, read } = context();
      const id = await create(at(0));
      const one = await worker();
      await run(one, id, at(1));
      await whole.store.workWake('container', id, at(2));
      const held = await claim(one, at(2));
      const { state } = await read(id);
      await whole.store.containersMarkUnknown('It is not known.');
      const found = { ...state, exitTimes: [at(3)] };
      await whole.store.containerRecord(held, state, found, at(3), AT_REST);
      const is = (await read(id)).state;
      assert.deepEqual([is.statusReason, is.exitTimes], ['engine_error', [at(3)]]);
    });

    it('moves the revision with what shows, and with nothing else', async () => {
      const { whole, create, worker, claim, read, stored } = context();
      const id = await create(at(0));
      const one = await worker();
      async function record(change: Partial<Awaited<ReturnType<typeof read>>['state']>) {
        const held = await claim(one, at(1));
        const { state } = await read(id);
        await whole.store.containerRecord(held, state, { ...state, ...change }, at(1), {
          dueAt: at(1),
          failures: 0,
        });
        return (await stored(id)).revision;
      }
      const first = (await stored(id)).revision;
      assert.equal(await record({ pullStartedAt: at(1), exitTimes: [at(0)] }), first);
      assert.equal(await record({ status: 'failed' }), first + 1);
      assert.equal(await record({ status: 'failed' }), first + 1);
      const { state } = await read(id);
      assert.equal(await record({ applied: appliedOf(state) }), first + 2);
      assert.equal((await stored(id)).observedGeneration, 1);
    });
  });

  describe('containerMarkEnded', () => {
    it('waits for no delay of a change that failed when the version before it was running', async () => {
      const { whole, create, worker, run, claim, work, orgId } = context();
      const id = await create(at(0));
      const one = await worker();
      await run(one, id, at(1));
      await whole.desire.containerUpdate(orgId, id, { image: 'app:2' }, at(2));
      const failed = { dueAt: at(60), failures: 1 };
      await whole.store.workRelease(await claim(one, at(2)), at(3), failed);
      await whole.store.containerMarkEnded(id, { ref: 'of-another', exitCode: 1 }, at(4));
      assert.deepEqual((await work(id)).dueAt, at(60));
      await whole.store.containerMarkEnded(id, { ref: 'ref-1', exitCode: 1 }, at(5));
      assert.deepEqual((await work(id)).dueAt, at(5));
      // Also if it ends during a turn that fails afterwards.
      const held = await claim(one, at(5));
      await whole.store.containerMarkEnded(id, { ref: 'ref-1', exitCode: 1 }, at(6));
      await whole.store.workRelease(held, at(7), failed);
      assert.deepEqual((await work(id)).dueAt, at(7));
    });

    it('ends no delay of a container whose start failed', async () => {
      const { whole, create, worker, claim, work } = context();
      const id = await create(at(0));
      const held = await claim(await worker(), at(1));
      await whole.store.containerMarkEnded(id, { ref: 'ref-1', exitCode: 127 }, at(2));
      await whole.store.workRelease(held, at(3), { dueAt: at(60), failures: 1 });
      await whole.store.containerMarkEnded(id, { ref: 'ref-1', exitCode: 127 }, at(4));
      assert.deepEqual((await work(id)).dueAt, at(60));
    });

    it('tells at once of a running process that has ended, and has it looked at', async () => {
      const { whole, create, worker, run, read, stored, work } = context();
      const id = await create(at(0));
      await run(await worker(), id, at(1));
      const { revision } = await stored(id);
      await whole.store.containerMarkEnded(id, { ref: 'ref-1', exitCode: 3 }, at(2));
      const { status, statusReason, statusMessage } = (await read(id)).state;
      assert.deepEqual(
        [status, statusReason, statusMessage],
        ['failed', 'exited', 'The process exited with code 3; its last lines are being read.'],
      );
      assert.equal((await stored(id)).revision, revision + 1);
      assert.deepEqual((await work(id)).dueAt, at(2));
    });

    it('only has it looked at when that object is not what its status tells of', async () => {
      const { whole, create, worker, claim, run, read, stored, work, orgId } = context();
      const one = await worker();
      async function unreported(id: number, ref: string): Promise<void> {
        const before = await stored(id);
        await whole.store.containerMarkEnded(id, { ref, exitCode: 0 }, at(3));
        assert.deepEqual(await stored(id), before);
        const { dueAt } = await work(id);
        assert.ok(dueAt !== null && dueAt <= at(3));
      }
      const replaced = await create(at(0));
      await run(one, replaced, at(1));
      await unreported(replaced, 'ref-of-before');
      await run(one, replaced, at(3));

      const asked = await create(at(0));
      await run(one, asked, at(1));
      await whole.store.workWake('container', asked, at(2));
      const held = await claim(one, at(2));
      const { state } = await read(asked);
      const stopping = { ...state, stopRef: 'ref-1', stopRequestedAt: at(2) };
      await whole.store.containerRecord(held, state, stopping, at(2), AT_REST);
      await unreported(asked, 'ref-1');
      await run(one, asked, at(3));

      const changed = await create(at(0));
      await run(one, changed, at(1));
      await whole.desire.containerUpdate(orgId, changed, { image: 'app:2' }, at(2));
      await unreported(changed, 'ref-1');
      await whole.desire.containerDelete(orgId, changed, at(2));
      await unreported(changed, 'ref-1');
    });
  });

  describe('containerForget', () => {
    it('removes a deleted row and its place in the queue', async () => {
      const { whole, create, worker, claim, orgId } = context();
      const id = await create(at(0));
      await whole.desire.containerDelete(orgId, id, at(1));
      await whole.store.containerForget(await claim(await worker(), at(2)), at(3));
      const left = await whole.snapshot();
      assert.equal(left.containers.has(id), false);
      assert.equal(left.work.has(id), false);
    });

    it('wakes who waits for the name, also one that is held just now', async () => {
      const { whole, create, worker, run, claim, read, work, orgId } = context();
      const one = await worker();
      const first = await create(at(0), { name: 'web' });
      await run(one, first, at(0));
      await whole.desire.containerDelete(orgId, first, at(1));
      const successor = await create(at(2), { name: 'web' });
      const removing = await claim(one, at(1));
      const waiting = await claim(one, at(2));
      assert.deepEqual([removing.id, waiting.id], [first, successor]);
      const { state } = await read(successor);
      assert.equal(state.nameHeld, true);
      await whole.store.containerForget(removing, at(3));
      assert.equal((await read(successor)).state.nameHeld, false);
      await whole.store.containerRecord(waiting, state, state, at(4), {
        dueAt: at(500),
        failures: 0,
      });
      assert.deepEqual((await work(successor)).dueAt, at(4));
    });

    it('wakes a successor whose turn would come later', async () => {
      const { whole, create, worker, claim, work, orgId } = context();
      const one = await worker();
      const first = await create(at(0), { name: 'web' });
      await whole.desire.containerDelete(orgId, first, at(1));
      const removing = await claim(one, at(1));
      const successor = await create(at(2), { name: 'web' });
      const waiting = await claim(one, at(2));
      await whole.store.workRelease(waiting, at(2), { dueAt: at(500), failures: 0 });
      await whole.store.containerForget(removing, at(3));
      assert.deepEqual((await work(successor)).dueAt, at(3));
    });

    it('throws FenceLost when a start is recorded by a worker that has lost the container', async () => {
      const { whole, create, worker, claim, orgId } = context();
      const id = await create(at(0));
      const started = { ref: 'ref-1', startedAt: at(1) };
      const start = { ...started, isApart: false };
      const stalled = await claim(await worker(), at(1));
      await whole.store.instanceRecord(stalled, 1, start);
      await whole.store.instanceRecord(stalled, 1, start);
      const successor = await claim(await worker(), at(20));
      await assert.rejects(whole.store.instanceRecord(stalled, 1, start), FenceLost);
      await whole.desire.containerDelete(orgId, id, at(21));
      await whole.store.containerForget(successor, at(22));
      await assert.rejects(whole.store.instanceRecord(successor, 1, start), FenceLost);
    });

    it('keeps the lines of an object under the fence, and what was kept if nothing can be read', async () => {
      const { whole, create, worker, claim, read } = context();
      const id = await create(at(0));
      const { store } = whole;
      const stalled = await claim(await worker(), at(1));
      const started = { ref: 'ref-1', startedAt: at(1) };
      const start = { ...started, isApart: false };
      await store.instanceRecord(stalled, 1, start);
      assert.deepEqual((await read(id)).lastInstance, { ...started, isKept: false });
      const instance = { ...started, number: 1, object: 1, generation: 1 };
      assert.partialDeepStrictEqual(await store.instancesRead(id), [instance]);
      const lines = [{ number: 1, lines: Buffer.of(1), count: 1, lostLines: 0, isCutOff: false }];
      await store.linesKeep(stalled, 'ref-1', lines, at(2));
      await store.linesKeep(stalled, 'ref-1', null, at(3));
      assert.deepEqual((await read(id)).lastInstance, { ...started, isKept: true });
      await claim(await worker(), at(20));
      await assert.rejects(store.linesKeep(stalled, 'ref-1', lines, at(21)), FenceLost);
    });

    it('keeps what was kept of an instance of which nothing more can be read', async () => {
      const { whole, create, worker, claim } = context();
      const id = await create(at(0));
      const { store } = whole;
      const held = await claim(await worker(), at(1));
      for (const second of [1, 2]) {
        await store.instanceRecord(held, 1, {
          ref: 'ref-1',
          startedAt: at(second),
          isApart: second > 1,
        });
      }
      const none = { lines: null, count: 0, lostLines: null, isCutOff: false };
      const first = { number: 1, lines: Buffer.of(1), count: 1, lostLines: 0, isCutOff: true };
      const second = { ...first, number: 2, lines: Buffer.of(2), count: 2 };
      await store.linesKeep(held, 'ref-1', [first, { ...none, number: 2 }], at(3));
      assert.deepEqual(await whole.keptCounts(id), [1, 0]);
      await store.linesKeep(held, 'ref-1', [{ ...none, number: 1 }, second], at(4));
      assert.deepEqual(await whole.keptCounts(id), [1, 2]);
    });

    it('keeps what is read of a cut-off instance later, unless that is less', async () => {
      const { whole, create, worker, claim } = context();
      const id = await create(at(0));
      const { store } = whole;
      const held = await claim(await worker(), at(1));
      const start = { ref: 'ref-1', startedAt: at(1), isApart: true };
      await store.instanceRecord(held, 1, start);
      const keep = async (count: number, isCutOff: boolean) => {
        const lines = { number: 1, lines: Buffer.of(count), count, lostLines: 0, isCutOff };
        await store.linesKeep(held, 'ref-1', [lines], at(2));
        const [instance] = await store.instancesRead(id);
        return [await whole.keptCounts(id), instance?.isCutOff];
      };
      assert.deepEqual(await keep(2, true), [[2], true]);
      assert.deepEqual(await keep(1, false), [[2], true]);
      assert.deepEqual(await keep(3, false), [[3], false]);
      await store.instanceRecord(held, 1, start);
      assert.equal((await store.instancesRead(id))[0]?.isCutOff, false);
    });

    it('leaves the numbers of starts out that nobody has seen', async () => {
      const { whole, create, worker, claim } = context();
      const id = await create(at(0));
      const { store } = whole;
      const held = await claim(await worker(), at(1));
      const start = { ref: 'ref-1', isApart: true };
      await store.instanceRecord(held, 1, { ...start, startedAt: at(1), missed: 1 });
      await store.instanceRecord(held, 1, { ...start, startedAt: at(2) });
      await store.instanceRecord(held, 1, { ...start, startedAt: at(5), missed: 2 });
      const found = await store.instancesRead(id);
      const numbers = found.map(({ number, object }) => [number, object]);
      assert.deepEqual(
        numbers,
        [2, 3, 6].map((number) => [number, number]),
      );
    });

    it('reads the lines of an object that was not removed from the engine again', async () => {
      const { whole, create, worker, claim, read } = context();
      const id = await create(at(0));
      const { store } = whole;
      const held = await claim(await worker(), at(1));
      const started = { ref: 'ref-1', startedAt: at(1) };
      const start = { ...started, isApart: false };
      await store.instanceRecord(held, 1, start);
      await store.linesKeep(held, 'ref-1', null, at(2));
      await store.instanceRecord(held, 1, start);
      assert.deepEqual((await read(id)).lastInstance, { ...started, isKept: false });
      assert.equal((await store.instancesRead(id)).length, 1);
    });

    it('throws FenceLost and removes nothing when another worker has taken over', async () => {
      const { whole, create, worker, claim, stored, work, orgId } = context();
      const id = await create(at(0));
      await whole.desire.containerDelete(orgId, id, at(0));
      const stalled = await claim(await worker(), at(1));
      await claim(await worker(), at(20));
      const before = [await stored(id), await work(id)];
      await assert.rejects(whole.store.containerForget(stalled, at(21)), FenceLost);
      assert.deepEqual([await stored(id), await work(id)], before);
    });
  });
}

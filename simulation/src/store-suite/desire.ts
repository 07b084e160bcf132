import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_REST, LEASE_MS, type StoreContext, at, desiredOf, ran } from './context.ts';

export function desireTests(context: () => StoreContext): void {
  async function count(orgId = context().orgId): Promise<number | undefined> {
    const { orgs } = await context().whole.snapshot();
    return orgs.find((org) => org.id === orgId)?.containerCount;
  }

  describe('containerCreate', () => {
    it('makes a row that is due at once, with an address in its org for life', async () => {
      const { whole, create, read, work, orgId } = context();
      const id = await create(at(1), {
        image: 'web:2',
        env: { A: '1' },
        command: ['x'],
        ports: [80],
      });
      const { state } = await read(id);
      const { ipv6Subnet } = await whole.subnets(0).ensure(orgId);
      const prefix = ipv6Subnet.replace(/::\/64$/, ':');
      const { ipv6Address } = state;
      assert.ok(ipv6Address?.startsWith(prefix), ipv6Address ?? 'none');
      assert.deepEqual(state.desired, {
        id,
        tenantId: orgId,
        name: state.desired.name,
        image: 'web:2',
        env: { A: '1' },
        command: ['x'],
        ports: [80],
        volumes: [],
        init: false,
        ipv6Address,
      });
      assert.deepEqual(
        [state.generation, state.applied, state.status, state.deletedAt, state.attemptAt],
        [1, null, 'pending', null, at(1)],
      );
      assert.deepEqual((await work(id)).dueAt, at(1));
      const other = await read(await create(at(2)));
      assert.notEqual(other.state.desired.ipv6Address, state.desired.ipv6Address);
    });

    it('has no address until one is recorded, if the engine assigns them', async () => {
      const { create, read, whole } = context();
      await whole.addressesAssign();
      const id = await create(at(1));
      const { state } = await read(id);
      assert.deepEqual([state.ipv6Address, state.desired.ipv6Address], [null, null]);
      const held = await context().claim(await context().worker(), at(1));
      const { revision } = (await whole.snapshot()).containers.get(id) ?? assert.fail();
      await whole.store.containerRecord(held, state, { ...state, ipv6Address: 'fd00::5' }, at(1), {
        dueAt: null,
        failures: 0,
      });
      assert.equal((await read(id)).state.ipv6Address, 'fd00::5');
      const row = (await whole.store.containerSweepRows()).find((each) => each.id === id);
      assert.equal(row?.ipv6Address, 'fd00::5');
      assert.equal((await whole.snapshot()).containers.get(id)?.revision, revision + 1);
    });

    it('is refused while too many deleted ones are on the engine, until one is gone', async () => {
      const { whole, worker } = context();
      const orgId = await whole.desire.orgCreate('churning', 1, 50, 2);
      const create = () => whole.desire.containerCreate(orgId, desiredOf(), at(0));
      for (let count = 0; count < 3; count += 1) {
        const made = await create();
        assert.ok(made.outcome === 'created', `${count}: ${made.outcome}`);
        assert.equal(await whole.desire.containerDelete(orgId, made.id, at(1)), true);
      }
      assert.equal((await create()).outcome, 'quota_exceeded');
      const { number } = await worker();
      const [held] = await whole.store.workClaim(number, at(2), LEASE_MS, 1);
      await whole.store.containerForget(held ?? assert.fail(), at(2));
      assert.equal((await create()).outcome, 'created');
      // Another org is not concerned.
      const other = await whole.desire.orgCreate('calm', 1, 50, 0);
      const made = await whole.desire.containerCreate(other, desiredOf(), at(3));
      assert.equal(made.outcome, 'created');
    });

    it('counts against the limit, to the last place and no further', async () => {
      const { whole } = context();
      const orgId = await whole.desire.orgCreate('small', 2);
      const made = await Promise.all(
        Array.from({ length: 8 }, () => whole.desire.containerCreate(orgId, desiredOf(), at(0))),
      );
      const outcomes = made.map((one) => one.outcome).toSorted();
      assert.deepEqual(outcomes, [
        ...Array<string>(2).fill('created'),
        ...Array<string>(6).fill('quota_exceeded'),
      ]);
      assert.equal(await count(orgId), 2);
    });

    it('refuses a name that a live container of the org has, and counts nothing then', async () => {
      const { whole, create, orgId } = context();
      await create(at(0), { name: 'web' });
      const again = await whole.desire.containerCreate(orgId, desiredOf({ name: 'web' }), at(1));
      assert.equal(again.outcome, 'name_taken');
      assert.equal(await count(), 1);
      const elsewhere = await whole.desire.orgCreate('b', 1);
      const other = await whole.desire.containerCreate(
        elsewhere,
        desiredOf({ name: 'web' }),
        at(1),
      );
      assert.equal(other.outcome, 'created');
      const full = await whole.desire.containerCreate(elsewhere, desiredOf({ name: 'web' }), at(1));
      assert.equal(full.outcome, 'name_taken');
    });
  });

  describe('containerUpdate', () => {
    it('merges, bumps the generation, wakes, and forgets what was found of the former', async () => {
      const { whole, create, worker, claim, read, work, orgId } = context();
      const id = await create(at(0), { env: { A: '1' } });
      const held = await claim(await worker(), at(1));
      const before = (await read(id)).state;
      const found = {
        ...ran(before),
        status: 'failed' as const,
        statusReason: 'crash_loop',
        statusMessage: 'It ends.',
        nextRetryAt: at(90),
        restartCount: 3,
        attemptAt: at(2),
        pullStartedAt: at(2),
        pullRetries: 2,
        stopRef: 'ref-0',
        stopRequestedAt: at(2),
        exitTimes: [at(3), at(4)],
        exitRef: 'ref-1',
        exitCount: 2,
        exitFinishedAt: at(4),
        restartAt: at(90),
      };
      await whole.store.containerRecord(held, before, found, at(5), AT_REST);
      assert.deepEqual((await read(id)).state, found);
      assert.equal(
        await whole.desire.containerUpdate(orgId, id, { image: 'app:2' }, at(6)),
        'done',
      );
      assert.deepEqual((await read(id)).state, {
        ...found,
        generation: 2,
        desired: { ...found.desired, image: 'app:2' },
        statusReason: null,
        statusMessage: null,
        nextRetryAt: null,
        restartCount: 0,
        attemptAt: at(6),
        pullStartedAt: null,
        pullRetries: 0,
        restartAt: null,
      });
      assert.deepEqual((await work(id)).dueAt, at(6));
    });

    it('that changes nothing does nothing', async () => {
      const { whole, create, worker, run, stored, work, orgId } = context();
      const id = await create(at(0), { env: { A: '1', B: '2' } });
      await run(await worker(), id, at(1));
      const before = [await stored(id), await work(id)];
      const same = { image: 'app:1', env: { B: '2', A: '1' } };
      assert.equal(await whole.desire.containerUpdate(orgId, id, same, at(2)), 'done');
      assert.deepEqual([await stored(id), await work(id)], before);
    });

    it('is not for another org, nor for what is deleted', async () => {
      const { whole, create, orgId } = context();
      const id = await create(at(0));
      const other = await whole.desire.orgCreate('b', 1);
      const change = { image: 'x:1' };
      assert.equal(await whole.desire.containerUpdate(other, id, change, at(1)), 'not_found');
      await whole.desire.containerDelete(orgId, id, at(1));
      assert.equal(await whole.desire.containerUpdate(orgId, id, change, at(1)), 'not_found');
    });
  });

  describe('containerStop, containerStart and containerRestart', () => {
    it('write what is wanted, and are due', async () => {
      const { whole, create, worker, run, read, work, orgId } = context();
      const id = await create(at(0));
      await run(await worker(), id, at(1));
      const { state: before } = await read(id);
      const revisionOf = async () => (await whole.snapshot()).containers.get(id)?.revision ?? 0;
      const revision = await revisionOf();
      assert.equal(await whole.desire.containerStop(orgId, id, at(2)), true);
      assert.deepEqual((await work(id)).dueAt, at(2));
      const stopped = await read(id);
      assert.deepEqual(stopped.state, { ...before, isStopped: true });
      assert.equal(await revisionOf(), revision + 1);
      assert.equal(await whole.desire.containerStop(orgId, id, at(3)), true);
      assert.equal(await revisionOf(), revision + 1, 'repeated it does nothing');

      assert.equal(await whole.desire.containerStart(orgId, id, at(4)), true);
      const { state } = await read(id);
      assert.deepEqual([state.isStopped, state.status, state.attemptAt], [false, 'pending', at(4)]);
      assert.equal(await whole.desire.containerStart(orgId, id, at(5)), true);
      assert.deepEqual((await read(id)).state, state);

      assert.equal(await whole.desire.containerRestart(orgId, id, true, at(6)), true);
      const again = (await read(id)).state;
      assert.equal(again.restartRef, before.appliedRef);
      assert.deepEqual([again.pullAgainAt, again.attemptAt], [at(6), at(6)]);
    });

    it('are not for another org, nor for what is deleted', async () => {
      const { whole, create, orgId } = context();
      const id = await create(at(0));
      const other = await whole.desire.orgCreate('b', 1);
      await whole.desire.containerDelete(orgId, await create(at(0)), at(1));
      assert.equal(await whole.desire.containerStop(other, id, at(1)), false);
      assert.equal(await whole.desire.containerStart(other, id, at(1)), false);
      assert.equal(await whole.desire.containerRestart(other, id, false, at(1)), false);
      await whole.desire.containerDelete(orgId, id, at(1));
      assert.equal(await whole.desire.containerStop(orgId, id, at(2)), false);
    });
  });

  describe('containerDelete', () => {
    it('frees the name and the place in the quota at once, and is due', async () => {
      const { whole, create, worker, run, read, work, orgId } = context();
      const id = await create(at(0), { name: 'web' });
      await run(await worker(), id, at(1));
      assert.equal(await whole.desire.containerDelete(orgId, id, at(2)), true);
      assert.equal(await count(), 0);
      assert.deepEqual((await read(id)).state.deletedAt, at(2));
      assert.deepEqual((await work(id)).dueAt, at(2));
      const successor = await create(at(3), { name: 'web' });
      assert.equal(await count(), 1);
      assert.equal((await read(successor)).state.nameHeld, true);
      assert.equal((await read(id)).state.nameHeld, false);
    });

    it('happens once, in its own org', async () => {
      const { whole, create, orgId } = context();
      const id = await create(at(0));
      await create(at(0));
      const other = await whole.desire.orgCreate('b', 1);
      assert.equal(await whole.desire.containerDelete(other, id, at(1)), false);
      const answers = await Promise.all(
        Array.from({ length: 4 }, () => whole.desire.containerDelete(orgId, id, at(1))),
      );
      assert.deepEqual(answers.toSorted(), [false, false, false, true]);
      assert.equal(await count(), 1);
    });
  });
}

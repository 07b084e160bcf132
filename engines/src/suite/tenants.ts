/** The suite's tests of tenants' networks. */
import assert from 'node:assert/strict';
import { engineTest, rejectsWith, withEngine } from './context.ts';
import type { SuiteContext } from './context.ts';

export function tenantsTests(context: () => SuiteContext): void {
  async function listed(id: number): Promise<{ ref: string; id: number }[]> {
    return (await context().engine.tenants.list()).filter((tenant) => tenant.id === id);
  }

  engineTest('tenants.ensure twice, and by two workers at once, makes one network', async () => {
    const { engine, tenants, worker } = context();
    const [, second] = tenants;
    await withEngine(worker, async (other) => {
      await Promise.all([engine.tenants.ensure(second), other.tenants.ensure(second)]);
    });
    const [first, ...more] = await listed(second.id);
    assert.ok(first !== undefined);
    assert.deepEqual(more, []);
    await engine.tenants.ensure(second);
    assert.deepEqual(await listed(second.id), [first]);
    await engine.tenants.remove(second.id);
  });

  engineTest('tenants.ensure conflicts over a subnet that another network has', async () => {
    const { engine, tenants, takenSubnets } = context();
    const [, second] = tenants;
    const ensured = engine.tenants.ensure({ ...second, ...takenSubnets });
    await rejectsWith(ensured, 'conflict', 'subnet_in_use');
    assert.deepEqual(await listed(second.id), []);
    // Nothing half-made is in the way of a subnet that is free.
    await engine.tenants.ensure(second);
    await engine.tenants.remove(second.id);
  });

  engineTest('tenants.remove removes the network, and is content without one', async () => {
    const { engine, tenants } = context();
    const [, second] = tenants;
    await engine.tenants.ensure(second);
    assert.equal((await listed(second.id)).length, 1);
    await engine.tenants.remove(second.id);
    assert.deepEqual(await listed(second.id), []);
    await engine.tenants.remove(second.id);
  });

  engineTest('a network that was removed can be had again, with the same subnet', async () => {
    const { engine, tenants } = context();
    const [, second] = tenants;
    await engine.tenants.ensure(second);
    const [before] = await listed(second.id);
    await engine.tenants.remove(second.id);
    await engine.tenants.ensure(second);
    const [after] = await listed(second.id);
    assert.notEqual(after?.ref, before?.ref);
    await engine.tenants.remove(second.id);
  });

  engineTest(
    'a network that containers run on is not removed; of one that is, apply makes it again',
    async () => {
      const { apply, engine, images, inState, read, spec, tamper, tenant, waitFor } = context();
      const wanted = await spec(images.web);
      await apply(wanted);
      await rejectsWith(engine.tenants.remove(tenant.id), 'retryable', 'network_in_use');
      await tamper.kill(wanted.id);
      await inState(wanted.id, 'exited');
      await engine.tenants.remove(tenant.id);
      assert.deepEqual(await listed(tenant.id), []);
      const again = await apply(wanted);
      assert.equal(again.state, 'running');
      assert.equal(again.connected, true);
      assert.equal((await listed(tenant.id)).length, 1);
      await waitFor('an answer', () => read(wanted.ipv6Address, 8080, '/').catch(() => null));
    },
  );

  engineTest('tenants of another installation are neither listed nor removed', async () => {
    const { engine, tenants, stranger } = context();
    const [, second] = tenants;
    await withEngine(stranger, async (foreign) => {
      await foreign.tenants.ensure(second);
      try {
        assert.deepEqual(await listed(second.id), []);
        await engine.tenants.remove(second.id);
        assert.deepEqual(
          (await foreign.tenants.list()).map(({ id }) => id),
          [second.id],
        );
      } finally {
        await foreign.tenants.remove(second.id);
      }
    });
  });
}

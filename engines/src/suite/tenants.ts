/** The suite's tests of tenants' networks. */
import assert from 'node:assert/strict';
import { EngineError } from '../contract.ts';
import { engineTest, rejectsWith, engineWith } from './context.ts';
import type { SuiteContext } from './context.ts';

export function tenantsTests(context: () => SuiteContext): void {
  async function listed(id: number): Promise<{ ref: string; id: number }[]> {
    return (await context().engine.tenants.list()).filter((tenant) => tenant.id === id);
  }

  engineTest('tenants.ensure twice, and by two workers at once, creates one network', async () => {
    const { engine, tenants, worker } = context();
    const [, second] = tenants;
    await engineWith(worker, async (other) => {
      await Promise.all([engine.tenants.ensure(second), other.tenants.ensure(second)]);
    });
    const [first, ...more] = await listed(second.id);
    assert.ok(first !== undefined);
    assert.deepEqual(more, []);
    await engine.tenants.ensure(second);
    assert.deepEqual(await listed(second.id), [first]);
    await engine.tenants.remove(second.id);
  });

  engineTest('tenants.remove removes the network, and succeeds without one', async () => {
    const { engine, tenants } = context();
    const [, second] = tenants;
    await engine.tenants.ensure(second);
    assert.equal((await listed(second.id)).length, 1);
    await engine.tenants.remove(second.id);
    assert.deepEqual(await listed(second.id), []);
    await engine.tenants.remove(second.id);
  });

  engineTest('a network that was removed can be recreated', async () => {
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
      const { apply, engine, images, killed, reach, spec, tenant, waitFor } = context();
      const wanted = await spec(images.web);
      const { ref } = await apply(wanted);
      await rejectsWith(engine.tenants.remove(tenant.id), 'retryable', 'network_in_use');
      if (context().tenantHoldsObjects === true) {
        await engine.containers.end(ref, 0);
      } else {
        await killed(wanted.id);
      }
      await engine.tenants.remove(tenant.id);
      assert.deepEqual(await listed(tenant.id), []);
      const again = await waitFor('the new network', () =>
        apply(wanted).catch((error: unknown) => {
          // One that is being removed may have to be waited for.
          if (error instanceof EngineError && error.kind === 'retryable') return null;
          throw error;
        }),
      );
      assert.equal(again.state, 'running');
      assert.equal(again.connected, true);
      assert.equal((await listed(tenant.id)).length, 1);
      await waitFor('an answer', () => reach(wanted, '/').catch(() => null));
    },
  );

  engineTest('tenants of another installation are neither listed nor removed', async () => {
    const { engine, tenants, stranger } = context();
    const [, second] = tenants;
    await engineWith(stranger, async (foreign) => {
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

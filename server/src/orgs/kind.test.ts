import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { EngineError, type TenantListing } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { tenantSweep } from './kind.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

async function drift(): Promise<number> {
  const { values } = await bench.deps.metrics.driftFound.get();
  const found = values.find(({ labels }) => labels.kind === 'tenant' && labels.drift === 'changed');
  return found?.value ?? 0;
}

it("updates and repairs an org's objects, and counts only what somebody changed", async () => {
  const org = await bench.db.selectFrom('orgs').select('id').executeTakeFirstOrThrow();
  const ensured: number[] = [];
  let needs: TenantListing['needs'];
  let fails = false;
  const tenants = {
    ...bench.engine.tenants,
    list: async () => [{ ref: 'a', id: org.id, ...(needs && { needs }) }],
    async ensure({ id }: { id: number }) {
      ensured.push(id);
      if (fails) throw new EngineError('retryable', 'engine_error', 'It failed.');
    },
  };
  const deps = { ...bench.deps, engine: { ...bench.engine, tenants } };
  await tenantSweep(deps);
  assert.deepEqual([ensured, await drift()], [[], 0]);
  needs = 'update';
  await tenantSweep(deps);
  assert.deepEqual([ensured, await drift()], [[org.id], 0]);
  needs = 'repair';
  fails = true;
  // The next sweep tries again.
  await tenantSweep(deps);
  assert.deepEqual([ensured, await drift()], [[org.id, org.id], 1]);
});

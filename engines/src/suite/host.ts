/** The suite's tests of what an engine says of its host. */
import assert from 'node:assert/strict';
import { engineTest } from './context.ts';
import type { SuiteContext } from './context.ts';

export function hostTests(context: () => SuiteContext): void {
  engineTest('it can be started again, and pinged', async () => {
    const { engine } = context();
    await engine.start();
    await engine.ping();
    assert.match(engine.kind, /^[a-z]+$/);
  });

  engineTest('isolation that is less than full comes with findings and remedies', async () => {
    const { state, findings, remedies } = await context().engine.probeIsolation();
    if (state === 'isolated') assert.deepEqual(findings, []);
    else assert.ok(findings.length > 0 && remedies.length > 0, state);
  });

  engineTest('capacity is free bytes or not known', async () => {
    const { storageFreeBytes, isolationFault } = await context().engine.capacity();
    assert.equal(isolationFault, null);
    assert.ok(storageFreeBytes === null || storageFreeBytes > 0, String(storageFreeBytes));
  });
}

/** The suite's tests of what an engine reports about its host. */
import assert from 'node:assert/strict';
import { engineTest } from './context.ts';
import type { SuiteContext } from './context.ts';

export function hostTests(context: () => SuiteContext): void {
  engineTest('it can be started again, and pinged', async () => {
    const { engine } = context();
    await engine.host?.start();
    await engine.ping();
    assert.match(engine.kind, /^[a-z]+$/);
  });

  engineTest('isolation that is less than full comes with findings and remedies', async (t) => {
    const { host } = context().engine;
    if (host === undefined) return t.skip('this engine has no host to look after');
    const { state, findings, remedies } = await host.probeIsolation();
    if (state === 'isolated') assert.deepEqual(findings, []);
    else assert.ok(findings.length > 0 && remedies.length > 0, state);
  });

  engineTest('capacity is in free bytes or unknown', async (t) => {
    const { host } = context().engine;
    if (host === undefined) return t.skip('this engine has no host to look after');
    const { storageFreeBytes, isolationFault } = await host.capacity();
    assert.equal(isolationFault, null);
    assert.ok(storageFreeBytes === null || storageFreeBytes > 0, String(storageFreeBytes));
  });
}

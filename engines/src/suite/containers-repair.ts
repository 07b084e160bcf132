/** The suite's tests of undoing what others did to a container. */
import assert from 'node:assert/strict';
import type { ContainerSpec } from '../contract.ts';
import { engineTest } from './context.ts';
import type { SuiteContext } from './context.ts';

export function containersRepairTests(context: () => SuiteContext): void {
  async function answers(spec: ContainerSpec): Promise<void> {
    const { reach, waitFor } = context();
    await waitFor('an answer', () => reach(spec, '/').catch(() => null));
  }

  engineTest('apply starts it again after its process died', async () => {
    const { apply, images, killed, later, spec } = context();
    const wanted = await spec(images.web);
    const made = await apply(wanted);
    const startedAtMs = made.startedAt?.getTime() ?? assert.fail();
    await later();
    const { count, last } = (await killed(wanted.id)).exits;
    assert.deepEqual([count, last?.code, last?.isOutOfMemory], [1, 137, false]);
    assert.ok(last !== null && last.finishedAt.getTime() >= startedAtMs);
    const again = await apply(wanted);
    assert.equal(again.ref, made.ref);
    assert.equal(again.state, 'running');
    assert.equal(again.connected, true);
    assert.ok(again.startedAt !== null && again.startedAt.getTime() > startedAtMs);
    // The exit is still the same one.
    assert.equal(again.exits.count, 1);
    assert.deepEqual(again.exits.last?.finishedAt, last.finishedAt);
    await answers(wanted);
  });

  engineTest('apply unpauses it', async (t) => {
    const { apply, images, inState, later, spec, tamper } = context();
    if (tamper.pause === undefined) return t.skip('nobody can pause a container here');
    const wanted = await spec(images.web);
    const made = await apply(wanted);
    await later();
    await tamper.pause(wanted.id);
    await inState(wanted.id, 'paused');
    assert.deepEqual(await apply(wanted), made);
    await answers(wanted);
  });

  engineTest('apply puts it back on its network, with its address', async () => {
    const { apply, images, later, observed, reach, spec, tamper, waitFor } = context();
    const wanted = await spec(images.web);
    const made = await apply(wanted);
    await answers(wanted);
    await later();
    await tamper.disconnect(wanted.id);
    assert.equal((await observed(wanted.id)).connected, false);
    await waitFor('no answer', () =>
      reach(wanted, '/').then(
        () => false,
        () => true,
      ),
    );
    assert.deepEqual(await apply(wanted), made);
    await answers(wanted);
  });

  engineTest('apply starts and reconnects what was disconnected and killed', async () => {
    const { apply, images, killed, spec, tamper } = context();
    const wanted = await spec(images.web);
    const made = await apply(wanted);
    await tamper.disconnect(wanted.id);
    await killed(wanted.id);
    const again = await apply(wanted);
    assert.equal(again.ref, made.ref);
    assert.equal(again.connected, true);
    await answers(wanted);
  });

  engineTest('apply recreates what somebody removed', async () => {
    const { apply, engine, images, spec, tamper } = context();
    const wanted = await spec(images.web);
    const made = await apply(wanted);
    await tamper.remove(wanted.id);
    assert.equal(await engine.containers.observe(wanted.id), null);
    const again = await apply(wanted);
    assert.notEqual(again.ref, made.ref);
    assert.equal(again.state, 'running');
    await answers(wanted);
  });
}

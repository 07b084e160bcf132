/** The suite's tests of how containers end: by themselves, asked, or removed. */
import assert from 'node:assert/strict';
import { engineTest } from './context.ts';
import type { SuiteContext } from './context.ts';

export function containersEndTests(context: () => SuiteContext): void {
  /** Before it says so, it does not handle signals yet. */
  async function ready(ref: string): Promise<void> {
    const { engine, waitFor } = context();
    await waitFor('ready', async () =>
      (await engine.containers.logs(ref, { tailLines: 5, maxBytes: 100 })).includes('ready'),
    );
  }

  engineTest('observe of what is not there is null', async () => {
    const { engine, nextId } = context();
    assert.equal(await engine.containers.observe(nextId()), null);
  });

  engineTest('an exit is told with its code', async () => {
    const { apply, images, inState, spec } = context();
    const wanted = await spec(images.exit1);
    const { ref } = await apply(wanted);
    const exited = await inState(wanted.id, 'exited');
    assert.equal(exited.ref, ref);
    assert.equal(exited.exitCode, 1);
    assert.equal(exited.outOfMemory, false);
    assert.equal(exited.startError, null);
    assert.ok(exited.startedAt !== null && exited.finishedAt !== null);
    assert.ok(exited.finishedAt.getTime() >= exited.startedAt.getTime());
  });

  engineTest('being killed for its memory is told as such', async () => {
    const { apply, images, inState, spec } = context();
    const wanted = await spec(images.hog);
    await apply(wanted);
    const exited = await inState(wanted.id, 'exited');
    assert.equal(exited.outOfMemory, true);
    assert.equal(exited.exitCode, 137);
    assert.equal(exited.startError, null);
  });

  engineTest("stop ends the process by the image's own stop signal", async () => {
    const { apply, engine, images, inState, spec } = context();
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    await ready(ref);
    await engine.containers.stop(ref);
    assert.equal((await inState(wanted.id, 'exited')).exitCode, 7);
    // Ended already is success, and changes nothing.
    await engine.containers.stop(ref);
    assert.equal((await inState(wanted.id, 'exited')).exitCode, 7);
  });

  engineTest('stop ends a paused process too', async () => {
    const { apply, engine, images, inState, spec, tamper } = context();
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    await ready(ref);
    await tamper.pause(wanted.id);
    await inState(wanted.id, 'paused');
    await engine.containers.stop(ref);
    assert.equal((await inState(wanted.id, 'exited')).exitCode, 7);
  });

  engineTest('stop does not wait for a process that ignores it, and remove ends that', async () => {
    const { apply, engine, images, observed, spec } = context();
    const wanted = await spec(images.stubborn);
    const { ref } = await apply(wanted);
    await ready(ref);
    await engine.containers.stop(ref);
    assert.equal((await observed(wanted.id)).state, 'running');
    await engine.containers.remove(ref);
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest('remove ends paused and exited ones too, and is content without any', async () => {
    const { apply, engine, images, inState, spec, tamper } = context();
    const paused = await spec(images.web);
    const exited = await spec(images.exit1);
    const refs = [(await apply(paused)).ref, (await apply(exited)).ref];
    await tamper.pause(paused.id);
    await inState(exited.id, 'exited');
    for (const ref of refs) await engine.containers.remove(ref);
    assert.deepEqual(await engine.containers.list(), []);
    for (const ref of refs) {
      await engine.containers.remove(ref);
      await engine.containers.stop(ref);
    }
  });

  engineTest('remove twice at once is success', async () => {
    const { apply, engine, images, spec } = context();
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    await Promise.all([1, 2, 3].map(() => engine.containers.remove(ref)));
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest('stop and remove of an old identity leave its successor alone', async () => {
    const { apply, engine, images, observed, spec } = context();
    const wanted = await spec(images.web);
    const old = await apply(wanted);
    await engine.containers.remove(old.ref);
    const successor = await apply({ ...wanted, env: { VERSION: '2' } });
    assert.notEqual(successor.ref, old.ref);
    await engine.containers.remove(old.ref);
    await engine.containers.stop(old.ref);
    assert.deepEqual(await observed(wanted.id), successor);
  });
}

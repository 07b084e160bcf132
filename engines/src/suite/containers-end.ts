/** The suite's tests of how containers end: by themselves, when asked, or by removal. */
import assert from 'node:assert/strict';
import { engineTest } from './context.ts';
import type { SuiteContext } from './context.ts';

/** An engine that joins both streams may put the line on stderr behind those on stdout. */
const LAST_LINES = /three\n(?:oops\n)?$/;

export function containersEndTests(context: () => SuiteContext): void {
  /** Until it reports that it is ready, it does not handle signals. */
  async function ready(ref: string): Promise<void> {
    const { engine, waitFor } = context();
    await waitFor('ready', async () =>
      (await engine.access.logs(ref, { tailLines: 5, maxBytes: 100 })).includes('ready'),
    );
  }

  engineTest('observe of a missing container is null', async () => {
    const { engine, nextId } = context();
    assert.equal(await engine.containers.observe(nextId()), null);
  });

  engineTest('an exit is reported with its code', async () => {
    const { apply, images, inState, spec } = context();
    const wanted = await spec(images.exit1);
    const { ref } = await apply(wanted);
    const exited = await inState(wanted.id, 'exited');
    assert.equal(exited.ref, ref);
    assert.equal(exited.startError, null);
    const { count, last } = exited.exits;
    assert.deepEqual([last?.code, last?.isOutOfMemory], [1, false]);
    // An engine that restarts it may have done so already; that it counts exactly is a test of commands.
    assert.ok(count === 1 || (context().engine.restarts === 'engine' && count > 1));
    assert.ok(last !== null && last.startedAt !== null);
    assert.ok(last.finishedAt.getTime() >= last.startedAt.getTime());
    if (last.lastLines !== null) assert.match(last.lastLines, LAST_LINES);
  });

  engineTest('every exit counts once, whoever starts the process again', async () => {
    const { apply, engine, images, inState, later, spec, waitFor } = context();
    const wanted = await spec(images.exit1);
    await apply(wanted);
    const first = await inState(wanted.id, 'exited');
    await later();
    await apply(wanted);
    const second = await waitFor('another exit', async () => {
      const { state, exits } = (await engine.containers.observe(wanted.id)) ?? assert.fail();
      const isOther = exits.last?.finishedAt.getTime() !== first.exits.last?.finishedAt.getTime();
      return state === 'exited' && isOther && exits;
    });
    assert.equal(second.last?.code, 1);
    assert.ok(second.count >= first.exits.count);
    const [listed] = await engine.containers.list();
    if (engine.restarts === 'engine') {
      assert.ok(second.count >= 2, String(second.count));
      assert.ok((listed?.exitCount ?? 0) >= second.count);
      assert.match(second.last.lastLines ?? '', LAST_LINES);
    }
  });

  engineTest('being killed for memory use is reported as such', async () => {
    const { apply, images, inState, spec } = context();
    const wanted = await spec(images.hog);
    await apply(wanted);
    const exited = await inState(wanted.id, 'exited');
    const { last } = exited.exits;
    assert.deepEqual([last?.code, last?.isOutOfMemory], [137, true]);
    assert.equal(exited.startError, null);
  });

  engineTest("end asks the process by the image's own stop signal, and then removes", async () => {
    const { apply, engine, images, spec } = context();
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    await ready(ref);
    await engine.containers.end(ref, 10_000);
    await context().endedWith(wanted.id, 7);
    // Its lines can be read until it is removed.
    await engine.containers.end(ref, 10_000);
    const left = await engine.containers.observe(wanted.id);
    assert.equal(left?.state ?? null, engine.restarts === 'engine' ? null : 'exited');
    await engine.containers.end(ref, 0);
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest('end asks a paused process too', async (t) => {
    const { apply, engine, images, inState, spec, tamper } = context();
    if (tamper.pause === undefined) return t.skip('nobody can pause a container here');
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    await ready(ref);
    await tamper.pause(wanted.id);
    await inState(wanted.id, 'paused');
    await engine.containers.end(ref, 10_000);
    await context().endedWith(wanted.id, 7);
  });

  engineTest(
    'end does not wait for a process that ignores it, and kills it when no time is left',
    async () => {
      const { apply, endNow, engine, images, observed, spec } = context();
      const wanted = await spec(images.stubborn);
      const { ref } = await apply(wanted);
      await ready(ref);
      await engine.containers.end(ref, 10_000);
      assert.equal((await observed(wanted.id)).state, 'running');
      await endNow(ref);
      assert.equal(await engine.containers.observe(wanted.id), null);
    },
  );

  engineTest('end removes paused and exited ones too, and succeeds without any', async () => {
    const { apply, engine, images, inState, spec, tamper } = context();
    const paused = await spec(images.web);
    const exited = await spec(images.exit1);
    const refs = [(await apply(paused)).ref, (await apply(exited)).ref];
    await tamper.pause?.(paused.id);
    await inState(exited.id, 'exited');
    for (const ref of refs) await engine.containers.end(ref, 0);
    assert.deepEqual(await engine.containers.list(), []);
    for (const ref of refs) {
      await engine.containers.end(ref, 0);
      await engine.containers.end(ref, 10_000);
    }
  });

  engineTest('kill ends the process, and leaves the object with its lines', async (t) => {
    const { apply, engine, images, inState, nextId, spec, tamper } = context();
    if (engine.containers.kill === undefined) return t.skip('this engine restarts processes');
    const wanted = await spec(images.stubborn);
    const { ref } = await apply(wanted);
    await ready(ref);
    await engine.containers.kill(ref);
    assert.equal((await inState(wanted.id, 'exited')).ref, ref);
    assert.match(await engine.access.logs(ref, { tailLines: 5, maxBytes: 100 }), /ready/);
    await engine.containers.kill(ref);
    await engine.containers.end(ref, 0);
    await engine.containers.kill(ref);
    const paused = await apply(await spec(images.web));
    await tamper.pause?.(paused.id);
    await engine.containers.kill(paused.ref);
    await inState(paused.id, 'exited');
    await engine.containers.kill(`none-${nextId()}`);
  });

  engineTest('end by several at once is success', async () => {
    const { apply, engine, images, spec } = context();
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    await Promise.all([1, 2, 3].map(() => engine.containers.end(ref, 0)));
    assert.equal(await engine.containers.observe(wanted.id), null);
  });

  engineTest('end of an old identity leaves its successor alone', async () => {
    const { apply, engine, images, observed, spec } = context();
    const wanted = await spec(images.web);
    const old = await apply(wanted);
    await engine.containers.end(old.ref, 0);
    const successor = await apply({ ...wanted, env: { VERSION: '2' } });
    assert.notEqual(successor.ref, old.ref);
    await engine.containers.end(old.ref, 0);
    await engine.containers.end(old.ref, 10_000);
    assert.deepEqual(await observed(wanted.id), successor);
  });

  engineTest('what a deleted container keeps is given up, once or twice', async (t) => {
    const { addressed, apply, engine, images, nextId, spec } = context();
    if (engine.containers.release === undefined) return t.skip('this engine keeps nothing');
    const wanted = await spec(images.web);
    const { ref } = await apply(wanted);
    await engine.containers.end(ref, 0);
    await engine.containers.release(wanted.id);
    await engine.containers.release(wanted.id);
    await engine.containers.release(nextId());
    const next = await spec(images.web, { name: wanted.name });
    await apply(next);
    assert.match(await addressed(next.id), /:/);
  });
}

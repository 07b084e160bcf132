/** The suite's tests of a process's output. */
import assert from 'node:assert/strict';
import type { LogOptions } from '../contract.ts';
import { engineTest } from './context.ts';
import type { SuiteContext } from './context.ts';

export function containersLogsTests(context: () => SuiteContext): void {
  engineTest('logs are the last lines of both streams, oldest first', async () => {
    const { apply, engine, images, inState, spec, waitFor } = context();
    const wanted = await spec(images.exit1);
    const { ref } = await apply(wanted);
    await inState(wanted.id, 'exited');
    // The streams are recorded separately, so the last lines may arrive after the exit.
    const lines = await waitFor('all lines', async () => {
      const text = await engine.access.logs(ref, { tailLines: 100, maxBytes: 10_000 });
      return text.split('\n').length === 5 && text.trimEnd().split('\n');
    });
    assert.deepEqual(
      lines.filter((line) => line !== 'oops'),
      ['one', 'two', 'three'],
    );
    assert.ok(lines.includes('oops'));
  });

  engineTest('logs keep to the lines and bytes asked for', async () => {
    const { apply, engine, images, linesWrite, spec, waitFor } = context();
    // Of one that ends, an engine that restarts processes has more lines at any time.
    const wanted = await spec(images.shell);
    const { ref } = await apply(wanted);
    await waitFor('ready', async () =>
      (await engine.access.logs(ref, { tailLines: 1, maxBytes: 100 })).includes('ready'),
    );
    await linesWrite(wanted.id, ['one', 'two', 'three']);
    const all = await waitFor('all lines', async () => {
      const text = await engine.access.logs(ref, { tailLines: 100, maxBytes: 10_000 });
      return text.split('\n').length === 5 && text;
    });
    const two = await engine.access.logs(ref, { tailLines: 2, maxBytes: 10_000 });
    assert.equal(two, all.split('\n').slice(-3).join('\n'));
    const few = await engine.access.logs(ref, { tailLines: 100, maxBytes: 8 });
    assert.ok(Buffer.byteLength(few) <= 8 && few.length > 0, few);
    assert.ok(all.endsWith(few), few);
  });

  engineTest('logs of a run are not those of the run before', async () => {
    const { apply, engine, images, inState, later, now, spec, unchanged, waitFor } = context();
    const wanted = await spec(images.exit1);
    const { ref } = await apply(wanted);
    await inState(wanted.id, 'exited');
    const limits = { tailLines: 100, maxBytes: 10_000 };
    const linesOf = async (options: LogOptions) =>
      (await engine.access.logs(ref, options)).split('\n').length - 1;
    await waitFor('all lines', async () => (await linesOf(limits)) === 4);
    // Restarts are at least a second apart.
    const beganMs = now().getTime();
    while (now().getTime() < beganMs + 1000) await later();
    await apply(wanted);
    await inState(wanted.id, 'exited');
    // Of one that the engine restarted, it may keep the last run only.
    if (engine.restarts === 'reconciler') {
      await waitFor('all lines of both', async () => (await linesOf(limits)) === 8);
    }
    const since = await unchanged([wanted.id], async ([found]) => {
      if (found?.state !== 'exited' || found.startedAt === null) return false;
      const count = await linesOf({ ...limits, since: found.startedAt });
      // Its last lines may arrive after the exit.
      return count >= 4 && { count };
    });
    assert.equal(since.count, 4);
  });

  engineTest('logs of a container that is gone are empty', async () => {
    const { apply, engine, images, spec } = context();
    const { ref } = await apply(await spec(images.exit1));
    await engine.containers.end(ref, 0);
    assert.equal(await engine.access.logs(ref, { tailLines: 9, maxBytes: 100 }), '');
  });
}

/** The suite's tests of what commands see and write, for engines that really run them. */
import assert from 'node:assert/strict';
import { engineTest, mountOf } from './context.ts';
import type { SuiteContext } from './context.ts';
import { scriptRun } from './script-run.ts';

/** @param noReaper why nothing reaps here, if so. */
export function commandsTests(context: () => SuiteContext, noReaper?: string): void {
  engineTest('the command replaces entrypoint and command, byte for byte', async () => {
    const { apply, engine, images, spec, waitFor } = context();
    const words = ['$HOME', '$(GREETING)', '$$(GREETING)', 'a  b', '', `"'`, '🐳', '*'];
    // An engine that restarts processes would run it again if it ended.
    const script = 'for word; do echo "<$word>"; done; exec sleep 100000';
    const command = ['sh', '-c', script, 'sh', ...words];
    const { ref } = await apply(await spec(images.shell, { command }));
    const said = await waitFor('all lines', async () => {
      const text = await engine.access.logs(ref, { tailLines: 100, maxBytes: 10_000 });
      return text.split('\n').length > words.length && text;
    });
    assert.equal(said, words.map((word) => `<${word}>\n`).join(''));
  });

  engineTest('a process that ended twice has ended twice', async (t) => {
    const { apply, engine, images, spec, volume, waitFor } = context();
    if (engine.restarts !== 'engine') {
      return t.skip('an engine that does not restart processes remembers the last exit only');
    }
    const script = [
      'runs=$(cat /data/runs || echo 0)',
      'test "$runs" = 2 && exec sleep 1000000',
      'echo $((runs + 1)) > /data/runs',
      'exit 3',
    ].join('\n');
    const wanted = await spec(images.shell, {
      command: ['sh', '-c', script],
      volumes: [mountOf(await volume())],
    });
    await apply(wanted);
    const counts: number[] = [];
    const { exits } = await waitFor('the third run', async () => {
      const found = await engine.containers.observe(wanted.id);
      if (found === null) return false;
      counts.push(found.exits.count);
      return found.state === 'running' && found.exits.count === 2 && found;
    });
    assert.equal(exits.last?.code, 3);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
    const listed = (await engine.containers.list()).find(({ id }) => id === wanted.id);
    assert.equal(listed?.exitCount, 2);
  });

  engineTest('without init the command is PID 1', async () => {
    assert.equal(await scriptRun(context(), context().images.shell, [], 'echo $$'), '1\n');
  });

  engineTest('with init PID 1 is a process that reaps', async (t) => {
    if (noReaper !== undefined) return t.skip(noReaper);
    const { apply, images, inState, spec } = context();
    const orphan = "pid=$(sh -c 'sleep 0 >/dev/null & echo $!')";
    const script = `${orphan}; [ $$ = 1 ] && exit 3; while [ -d /proc/$pid ]; do sleep 0.1; done`;
    const wanted = await spec(images.shell, { command: ['sh', '-c', script], init: true });
    await apply(wanted);
    assert.equal((await inState(wanted.id, 'exited')).exits.last?.code, 0);
  });

  engineTest("init passes the image's stop signal on", async () => {
    const { apply, endedWith, engine, images, spec, waitFor } = context();
    const wanted = await spec(images.shell, { init: true });
    const { ref } = await apply(wanted);
    await waitFor('ready', async () =>
      (await engine.access.logs(ref, { tailLines: 5, maxBytes: 100 })).includes('ready'),
    );
    await engine.containers.end(ref, 10_000);
    await endedWith(wanted.id, 7);
  });

  engineTest('containers of a tenant reach each other by name', async () => {
    const { apply, images, spec } = context();
    const web = await spec(images.web, { env: { GREETING: 'by name' } });
    await apply(web);
    const ask = `until timeout 5 wget -qO- http://${web.name}:8080/; do sleep 0.1; done`;
    assert.match(await scriptRun(context(), images.shell, [], ask), /by name/);
  });

  engineTest('logs replace what is not UTF-8', async () => {
    const { apply, engine, images, inState, spec, waitFor } = context();
    const command = ['sh', '-c', `printf '\\377ok \\360\\237\\220\\263\\n'`];
    const wanted = await spec(images.shell, { command });
    const { ref } = await apply(wanted);
    await inState(wanted.id, 'exited');
    const text = await waitFor('a line', async () => {
      const found = await engine.access.logs(ref, { tailLines: 1, maxBytes: 100 });
      return found !== '' && found;
    });
    assert.equal(text, '\ufffdok 🐳\n');
  });

  engineTest('logs keep to their bound when a process writes a lot', async () => {
    const { apply, engine, images, inState, spec, waitFor } = context();
    const write = 'dd if=/dev/zero bs=1000 count=1000 2>/dev/null; echo; echo the end';
    const wanted = await spec(images.shell, { command: ['sh', '-c', write] });
    const { ref } = await apply(wanted);
    await inState(wanted.id, 'exited');
    const text = await waitFor('the end', async () => {
      const found = await engine.access.logs(ref, { tailLines: 10, maxBytes: 2000 });
      return found.endsWith('the end\n') && found;
    });
    assert.ok(Buffer.byteLength(text) <= 2000, String(text.length));
  });
}

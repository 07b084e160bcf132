import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { cliOpen } from './cli-scene.ts';
import { type EngineScene, engineSceneOpen } from './engine-scene.ts';
import { until } from './wait.ts';

describe('the command line, with Docker', { skip: await dockerSkip() }, () => {
  let scene: EngineScene;
  let cli: ReturnType<typeof cliOpen>;
  before(async () => {
    scene = await engineSceneOpen();
    cli = cliOpen(scene.server);
  });
  after(async () => {
    cli?.close();
    await scene?.close();
  });

  it('creates a container that answers where it says', async () => {
    const { code, stderr } = await cli.run([
      'create',
      'web',
      scene.images.web,
      '-p',
      '8080',
      '--wait',
    ]);
    assert.equal(code, 0, stderr);
    const [, address = ''] = /web is running at (http:\S+)\n$/.exec(stderr) ?? [];
    await until('a reply', async () => (await fetch(address)).status > 0);
    const opened = await cli.run(['open', 'web', '--print']);
    assert.equal(opened.stdout, `${address}\n`);
  });

  it('reports a failure with cause, evidence and advice, and exits with 8', async () => {
    const missing = scene.images.web.replace(/:[^:]+$/, ':missing');
    const { code, stderr } = await cli.run(['create', 'lost', missing, '--wait']);
    assert.equal(code, 8, stderr);
    assert.match(
      stderr,
      /error: lost has failed \(image_not_found\)\.\n.+\nThe next try is in .+\.\nhint: Check the spelling/,
    );
    const update = await cli.run(['update', 'web', '--image', missing, '--wait']);
    assert.equal(update.code, 8, update.stderr);
    assert.match(update.stderr, /The change of web could not be applied .* goes on running/);
    const ends = [
      'create',
      'ends',
      scene.images.shell,
      '-w',
      '--',
      '/bin/sh',
      '-c',
      'echo no; exit 3',
    ];
    const ended = await cli.run(ends);
    // It ran for a moment, which may count as settled.
    if (ended.code === 0)
      await until('its end', async () => (await cli.run(['wait', 'ends'])).code === 8);
    // Whenever it has just been started again, it runs, and there is nothing to tell.
    await until('the evidence', async () => {
      const shown = await cli.run(['containers', 'show', 'ends']);
      return /^status_message: .*3.*no/m.test(shown.stdout);
    });
  });

  it('follows a log through a stop and a kill of the server, without losing or doubling a line', async () => {
    const count = 'i=0; while :; do echo "line $i"; i=$((i + 1)); sleep 0.1; done';
    const create = [
      'create',
      'counter',
      scene.images.shell,
      '--wait',
      '--',
      '/bin/sh',
      '-c',
      count,
    ];
    assert.equal((await cli.run(create)).code, 0);
    let seen = '';
    const following = cli.run(['logs', 'counter', '--follow'], {
      onWrite(stream, text) {
        if (stream === 'stdout') seen += text;
      },
    });
    const lines = () => seen.split('\n').slice(0, -1);
    const more = async () => {
      const wanted = lines().length + 10;
      await until('ten more lines', async () => lines().length >= wanted);
    };
    await more();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await scene.server.stop(signal);
      await scene.server.restart();
      await more();
    }
    assert.equal((await cli.run(['delete', 'counter', '--yes'])).code, 0);
    const { code, stderr } = await following;
    assert.equal(code, 0, stderr);
    const numbers = lines().map((line) => Number(/^line (\d+)$/.exec(line)?.[1]));
    const first = numbers[0] ?? Number.NaN;
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => first + index),
    );
    assert.doesNotMatch(stderr, /lost here/);
    assert.match(stderr, /^Reconnecting: /m);
  });

  it('stops, starts and deletes', async () => {
    const args = ['update', 'web', '--image', scene.images.web, '--wait'];
    assert.equal((await cli.run(args)).code, 0);
    assert.equal((await cli.run(['stop', 'web', '--wait'])).code, 0);
    assert.equal((await cli.run(['start', 'web', '--wait'])).code, 0);
    for (const name of ['web', 'lost', 'ends']) {
      assert.equal((await cli.run(['delete', name, '--yes'])).code, 0);
    }
    assert.deepEqual(await cli.json('ps'), []);
  });
});

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { LogRow } from '@dollarbox/client';
import { type CliScene, cliSceneOpen } from './cli-scene.ts';
import { until } from './wait.ts';

let scene: CliScene;
before(async () => {
  scene = await cliSceneOpen();
});
after(() => scene?.close());

const run: CliScene['run'] = (args, options) => scene.run(args, options);

/** A container that writes these lines at each start. */
async function talkerCreate(name: string, lines: readonly string[]): Promise<void> {
  const { code, stderr } = await run(['create', name, 'a:1', '--wait', '--', 'echo', ...lines]);
  assert.equal(code, 0, stderr);
}

describe('logs', () => {
  it('are printed as they were written, or with their time, or as JSON', async () => {
    await talkerCreate('plain', [
      'one',
      'two \u001B[31mred\u001B[0m \u001B]0;title\u0007',
      'three',
    ]);
    const piped = await run(['logs', 'plain']);
    assert.equal(piped.stdout, 'one\ntwo \u001B[31mred\u001B[0m \u001B]0;title\u0007\nthree\n');
    // A terminal gets the colours, and nothing else that acts on it.
    const shown = await run(['logs', 'plain', '--contains', 'two'], { isTerminal: true });
    assert.equal(shown.stdout, 'two \u001B[31mred\u001B[0m ]0;title\u001B[0m\n');
    const plain = { isTerminal: true, env: { NO_COLOR: '1' } };
    assert.ok(!(await run(['logs', 'plain'], plain)).stdout.includes('\u001B'));
    const timed = await run(['logs', 'plain', '-t', '--tail', '1', '--since', '1d']);
    assert.match(timed.stdout, /^\d{4}-\d\d-\d\dT\S+Z three\n$/);
    const json = await run(['logs', 'plain', '-n', '2', '-o', 'json']);
    const rows = json.stdout.trim().split('\n');
    assert.deepEqual(
      rows.map((row) => (JSON.parse(row) as LogRow).instance),
      [1, 1],
    );
    assert.equal((await run(['logs', 'plain', '--until', '2001-01-01'])).stdout, '');
    assert.equal((await run(['logs', 'plain', '--stream', 'stderr'])).stdout, '');
  });

  it('are as long as one asks for', async () => {
    const lines = Array.from({ length: 250 }, (_, index) => `line ${index}`);
    await talkerCreate('long', lines);
    const all = (await run(['logs', 'long', '--tail', '5000'])).stdout;
    assert.deepEqual(all.trimEnd().split('\n'), lines);
    assert.equal((await run(['logs', 'long'])).stdout.trimEnd().split('\n')[0], 'line 50');
    const last = (await run(['logs', 'long', '--tail', '3'])).stdout;
    assert.equal(last, 'line 247\nline 248\nline 249\n');
    assert.equal((await run(['logs', 'long', '--tail', '0'])).stdout, '');
  });

  it('refuse what can not be meant', async () => {
    assert.equal((await run(['logs', 'plain', '--since', 'yesterday'])).code, 2);
    assert.equal((await run(['logs', 'plain', '--tail', 'all'])).code, 2);
    assert.equal((await run(['logs', 'plain', '-f', '--until', '5m'])).code, 2);
    assert.equal((await run(['logs', 'nothing'])).code, 5);
  });
});

describe('logs --follow', () => {
  it('gives each line once, over restarts of the container and of the server', async () => {
    await talkerCreate('talker', ['a', 'b', 'c']);
    const written = { stdout: '', stderr: '' };
    const following = run(['logs', 'talker', '-f', '-o', 'json'], {
      onWrite(stream, text) {
        written[stream] += text;
      },
    });
    const rows = () =>
      written.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as LogRow);
    const instances = () => new Set(rows().map(({ instance }) => instance));
    await until('the first lines', async () => rows().length === 3);
    assert.equal((await run(['restart', 'talker', '--wait'])).code, 0);
    await until('those of the second start', async () => {
      return rows().findLast(({ type }) => type === 'line')?.text === 'c' && instances().has(2);
    });
    // The fake engine loses everything, so the container starts a third time, and the log has gaps.
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const before = instances().size;
      await scene.server.stop(signal);
      await scene.server.restart();
      await until('those of the next start', async () => {
        const last = rows().findLast(({ type }) => type === 'line');
        return instances().size > before && last?.text === 'c';
      });
    }
    assert.match(written.stderr, /^Reconnecting: .+\.$/m);
    assert.equal((await run(['delete', 'talker', '--yes'])).code, 0);
    const { code, stderr } = await following;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /talker was deleted\.\n$/);
    const lines = rows().filter(({ type }) => type === 'line');
    const cursors = lines.map(({ cursor }) => cursor);
    assert.equal(new Set(cursors).size, cursors.length);
    for (const instance of new Set(lines.map((row) => row.instance))) {
      const texts = lines.filter((row) => row.instance === instance).map(({ text }) => text);
      assert.deepEqual(texts, ['a', 'b', 'c']);
    }
  });

  it('says on the standard error where lines were lost', async () => {
    await talkerCreate('loser', ['a', 'b']);
    await scene.server.restart();
    const { stdout, stderr } = await until('the next start', async () => {
      const read = await run(['logs', 'loser']);
      return read.stdout === 'a\nb\n' && read;
    });
    assert.equal(stdout, 'a\nb\n');
    assert.match(stderr, /^(Lines|\d+ lines) of instance 1 lost here\.$/m);
  });

  it('ends with the interruption', async () => {
    const controller = new AbortController();
    const { code } = await run(['logs', 'plain', '-f'], {
      signal: controller.signal,
      onWrite: () => controller.abort(new Error('enough')),
    });
    assert.equal(code, 1);
  });
});

describe('stats', () => {
  it('of all that run, or of those that are named', async () => {
    // The engine lost everything with the server that ran before: what has not started again yet is not in the table.
    const all = await until('the first container runs again', async () => {
      const read = await run(['stats']);
      return /^plain /m.test(read.stdout) && read;
    });
    assert.equal(all.code, 0, all.stderr);
    assert.match(
      all.stdout,
      /^NAME +MEMORY +LIMIT +CPU +PROCESSES +RECEIVED +SENT +DISK +VOLUMES$/m,
    );
    assert.match(all.stdout, /^plain +1\.0 MiB +- +- +1 /m);
    const named = await scene.json<{ name: string; memory_bytes: number }[]>('stats', 'plain');
    assert.deepEqual(
      named.map(({ name, memory_bytes: bytes }) => [name, bytes]),
      [['plain', 1_048_576]],
    );
    assert.equal((await run(['stats', 'nothing'])).code, 5);
  });
});

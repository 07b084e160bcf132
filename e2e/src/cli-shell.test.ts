/** The command line as other programs meet it: browsers, shells, and scripts that send their own requests. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { type CliScene, cliSceneOpen } from './cli-scene.ts';
import { until } from './wait.ts';

const execute = promisify(execFile);
const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

let scene: CliScene;
before(async () => {
  scene = await cliSceneOpen();
  await scene.json('create', 'web', 'nginx:1.27', '--wait');
  await scene.json('create', 'api', 'nginx:1.27', '-p', '8080', '-p', '9090', '--wait');
});
after(() => scene?.close());

const run: CliScene['run'] = (args, options) => scene.run(args, options);

/** The folder of the programs that a test writes. */
const programs = (): string => join(scene.home, 'bin');

/** Writes a program. @returns its path. */
function programWrite(name: string, script: string): string {
  mkdirSync(programs(), { recursive: true });
  const path = join(programs(), name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const haveBash = await execute('bash', ['--version']).then(
  () => true,
  () => false,
);

describe('open', () => {
  it('opens the panel, or a container at the port that it listens on', async () => {
    const log = join(scene.home, 'opened');
    const env = { BROWSER: programWrite('browser', `echo "$1" >> '${log}'`) };
    const [api, web] = await scene.json<{ ipv6_address: string }[]>('containers', 'list');
    const expected = [
      scene.server.url,
      `http://[${web?.ipv6_address}]/`,
      `http://[${api?.ipv6_address}]:8080/`,
    ];
    for (const [index, args] of [['open'], ['open', 'web'], ['open', 'api']].entries()) {
      const { code, stdout, stderr } = await run(args, { env });
      assert.deepEqual([code, stdout], [0, '']);
      assert.equal(stderr, `Opened ${expected[index]}\n`);
      // The browser goes on by itself.
      await until('the browser', async () => {
        const seen = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
        return seen.length === index + 1 && seen.at(-1) === expected[index];
      });
    }
  });

  it('prints the address where there is no browser', async () => {
    for (const env of [{}, { BROWSER: '/nowhere/browser' }]) {
      const { code, stdout } = await run(['open', 'web'], { env });
      assert.equal(code, 0);
      assert.match(stdout, /^http:\/\/\[[0-9a-f:]+\]\/\n$/);
    }
    assert.equal((await run(['open', 'nothing'])).code, 5);
  });
});

describe('completion', () => {
  it('completes in bash', { skip: haveBash ? false : 'bash is not installed' }, async () => {
    programWrite('dollarbox', `exec '${process.execPath}' '${MAIN}' "$@"`);
    const script = join(scene.home, 'completion.bash');
    writeFileSync(script, (await run(['completion', 'bash'])).stdout);
    const complete = async (...words: string[]) => {
      const program = `. '${script}'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _dollarbox; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await execute('bash', ['-c', program, 'bash', 'dollarbox', ...words], {
        env: {
          ...process.env,
          ...{ PATH: `${programs()}:${process.env['PATH']}`, XDG_CONFIG_HOME: scene.home },
          ...{ DOLLARBOX_URL: scene.server.url, DOLLARBOX_TOKEN: scene.server.token },
        },
      });
      return stdout.trimEnd().split('\n');
    };
    assert.deepEqual(await complete('log'), ['logs', 'login', 'logout']);
    assert.deepEqual(await complete('stop', 'w'), ['web']);
    assert.ok((await complete('ps', '--out')).includes('--output'));
  });

  it('knows its shells only', async () => {
    assert.equal((await run(['completion', 'csh'])).code, 2);
  });
});

describe('api', () => {
  it('sends headers and a file, and prints the reply as it comes', async () => {
    const file = join(scene.home, 'body.json');
    writeFileSync(file, '{"stop_grace_seconds": 7}');
    const [{ id }] = await scene.json<[{ id: number }]>('ps');
    const sent = await run(['api', 'patch', `containers/${id}/`, '--data', `@${file}`]);
    assert.equal(sent.code, 0, sent.stderr);
    assert.equal((JSON.parse(sent.stdout) as { stop_grace_seconds: number }).stop_grace_seconds, 7);
    const stale = ['api', 'DELETE', `containers/${id}/`, '--header', 'If-Match: "0.0"'];
    const refused = await run(stale);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /"precondition_failed"/);
    assert.match(refused.stderr, /^error: /);
  });

  it('exits as other commands do', async () => {
    for (const [code, ...args] of [
      [2, 'GET'],
      [2, 'POST', 'volumes/', '--data', '{}'],
      [2, 'GET', 'containers/', '--header', 'nonsense'],
      [4, 'GET', 'containers/', '--token', 'dbx_wrong'],
      [5, 'GET', 'containers/99999/'],
      [1, 'PUT', 'containers/'],
    ] as [number, ...string[]][]) {
      const result = await run(['api', ...args]);
      assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    }
  });
});

describe('output', () => {
  it('is the same data in each format', async () => {
    for (const args of [
      ['ps'],
      ['containers', 'show', 'web'],
      ['orgs'],
      ['members'],
      ['whoami'],
      ['volumes'],
      ['context'],
      ['version'],
    ]) {
      const json = await run([...args, '-o', 'json']);
      const yaml = await run([...args, '--output', 'yaml']);
      assert.equal(json.code, 0, json.stderr);
      assert.deepEqual(parse(yaml.stdout), JSON.parse(json.stdout), args.join(' '));
      assert.notEqual((await run(args)).stdout, '', args.join(' '));
    }
  });

  it('is limited to the attributes that are named, in their order', async () => {
    const { stdout } = await run(['ps', '--json', 'status,name']);
    const rows = JSON.parse(stdout) as object[];
    assert.deepEqual(Object.keys(rows[0] ?? {}), ['status', 'name']);
    assert.equal((await run(['ps', '--json', 'name', '-o', 'yaml'])).code, 2);
    assert.equal((await run(['ps', '--json', 'name', '-o', 'json'])).code, 0);
  });
});

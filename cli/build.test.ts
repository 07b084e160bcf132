import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { cliBuild, executableBuild } from './build.ts';
import manifest from './package.json' with { type: 'json' };

const execute = promisify(execFile);

test('is packed as one file, which is installed without the workspace and without a network', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [built, home] = [join(folder, 'built'), join(folder, 'home')];
  await cliBuild(built);
  const { stdout: packed } = await execute('npm', ['pack', '--json', built], { cwd: folder });
  const [{ filename, files }] = JSON.parse(packed) as [
    { filename: string; files: { path: string }[] },
  ];
  const names = files.map(({ path }) => path).toSorted();
  assert.deepEqual(names, ['LICENSE', 'README.md', 'dollarbox.mjs', 'package.json']);
  const install = ['install', '--offline', '--no-audit', '--no-fund', '--prefix', home];
  await execute('npm', [...install, join(folder, filename)], { cwd: folder });
  const program = join(home, 'node_modules', '.bin', 'dollarbox');
  const { stdout } = await execute(program, ['version'], { cwd: folder });
  assert.equal(stdout, `dollarbox ${manifest.version}\n`);
  const env = { ...process.env, XDG_CONFIG_HOME: folder, DOLLARBOX_TOKEN: '' };
  await assert.rejects(execute(program, ['ps'], { cwd: folder, env }), { code: 4 });
});

test('is built as a program that needs no Node', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [built, program] = [join(folder, 'built'), join(folder, 'program')];
  await cliBuild(built);
  await executableBuild(built, program);
  const env = { PATH: folder, XDG_CONFIG_HOME: folder };
  const { stdout } = await execute(program, ['version'], { cwd: folder, env });
  assert.equal(stdout, `dollarbox ${manifest.version}\n`);
  await assert.rejects(execute(program, ['ps'], { cwd: folder, env }), { code: 4 });
});

/** The client as others get it: packed, installed in an empty folder, without this workspace. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { clientBuild } from '@dollarbox/client/build';
import { serverStart } from './server-process.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the client needs of the registry, which is here already. */
const NEEDED = ['openapi-fetch', 'openapi-typescript-helpers'];

/** Packs a folder. @returns the tarball's path, and the files in it. */
async function pack(folder: string, target: string): Promise<{ path: string; files: string[] }> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target, folder];
  const { stdout } = await run('npm', args, { cwd: target });
  const [{ filename, files }] = JSON.parse(stdout) as [
    { filename: string; files: { path: string }[] },
  ];
  return { path: join(target, filename), files: files.map(({ path }) => path) };
}

/** The examples of the README, in order. */
function examples(): string[] {
  const text = readFileSync(join(ROOT, 'client', 'README.md'), 'utf8');
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code);
}

test('is installed without the workspace, and the examples of its README run', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-client-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [built, home] = [join(folder, 'built'), join(folder, 'home')];
  await clientBuild(built);
  const client = await pack(built, folder);
  assert.ok(client.files.includes('README.md') && client.files.includes('LICENSE'));
  assert.ok(client.files.includes('lib/client.js') && client.files.includes('lib/client.d.ts'));
  assert.deepEqual(
    client.files.filter((path) => path.includes('test') || /(?<!\.d)\.ts$/.test(path)),
    [],
  );
  const others = [];
  for (const name of NEEDED)
    others.push((await pack(join(ROOT, 'node_modules', name), folder)).path);

  mkdirSync(home);
  writeFileSync(join(home, 'package.json'), '{"type": "module"}');
  const install = ['install', '--offline', '--no-audit', '--no-fund', client.path, ...others];
  await run('npm', install, { cwd: home });

  const codes = examples();
  assert.equal(codes.length, 4);
  const files = codes.map((code, index) => {
    const file = join(home, `example-${index + 1}.ts`);
    writeFileSync(file, code);
    return file;
  });
  const config = {
    compilerOptions: {
      ...{ module: 'nodenext', target: 'es2023', strict: true, noEmit: true, skipLibCheck: false },
      ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules', '@types')] },
    },
    files,
  };
  writeFileSync(join(home, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [tsc, '-p', home]).catch((error: { stdout?: string }) =>
    assert.fail(error.stdout ?? String(error)),
  );

  const server = await serverStart({ ENGINE: 'fake', LOG_LEVEL: 'warn' });
  try {
    const env = { ...process.env, DOLLARBOX_URL: server.url, DOLLARBOX_TOKEN: server.token };
    const outputs: string[] = [];
    for (const file of files) {
      const { stdout } = await run(process.execPath, [file], { cwd: home, env });
      outputs.push(stdout);
    }
    assert.match(outputs[0] ?? '', /^web is running at [0-9a-f:]+\n$/);
    assert.deepEqual(outputs.slice(1), [
      'There is no such container.\n',
      'web: running\n',
      'hello\nworld\n',
    ]);
  } finally {
    await server.remove();
  }
});

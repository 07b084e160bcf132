/**
 * `npm run build -w cli`: one file without dependencies, as a package that `npm pack` and `npx` take. With `--executable`
 * also a program that needs no Node.
 */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

/** The oldest Node that the program runs on. */
const NODE = '>=20.12';
const root = import.meta.dirname;

/**
 * Builds the package.
 * @param folder where it is written; emptied before.
 */
export async function cliBuild(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const bundle = await rolldown({
    input: join(root, 'src', 'main.ts'),
    platform: 'node',
    transform: { target: 'node20' },
  });
  const program = join(folder, 'dollarbox.mjs');
  await bundle.write({
    file: program,
    format: 'esm',
    minify: true,
    banner: '#!/usr/bin/env node',
    codeSplitting: false,
  });
  await bundle.close();
  await chmod(program, 0o755);
  await copyFile(join(root, 'README.md'), join(folder, 'README.md'));
  await copyFile(join(root, '..', 'LICENSE'), join(folder, 'LICENSE'));
  const { name, version, license } = manifest;
  const published = {
    ...{ name, version, license, type: 'module' },
    description: 'Containers, each with an IPv6 address of its own, from the command line',
    bin: { dollarbox: 'dollarbox.mjs' },
    engines: { node: NODE },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
}

/**
 * Builds a program for this kind of machine, which holds Node, the one that runs this.
 * @param folder of the package, which must be built.
 * @param target where the program is written.
 */
export async function executableBuild(folder: string, target: string): Promise<void> {
  const config = join(folder, 'sea-config.json');
  const settings = {
    ...{ main: join(folder, 'dollarbox.mjs'), mainFormat: 'module', output: target },
    disableExperimentalSEAWarning: true,
  };
  await writeFile(config, JSON.stringify(settings));
  await promisify(execFile)(process.execPath, ['--build-sea', config]);
  await rm(config);
}

if (import.meta.main) {
  const folder = join(root, 'dist');
  await cliBuild(folder);
  process.stderr.write(`Built ${folder}: npm pack ${folder}\n`);
  if (process.argv.includes('--executable')) {
    const target = join(root, process.platform === 'win32' ? 'dollarbox.exe' : 'dollarbox');
    await executableBuild(folder, target);
    process.stderr.write(`Built ${target}\n`);
  }
}

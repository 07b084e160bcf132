/** Debian packages for tests and a first start: installed, or only unpacked where no installation is needed. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { processLockWait } from './process-lock.mjs';

const execFileAsync = promisify(execFile);
const POLICY_PATH = '/usr/sbin/policy-rc.d';
const CACHE_DIR = fileURLToPath(
  new URL('../../node_modules/.cache/dollarbox-testbed/', import.meta.url),
);

async function run(command: string, args: string[], cwd?: string): Promise<string> {
  const { stdout } = await execFileAsync(command, args, {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    ...(cwd === undefined ? {} : { cwd }),
  });
  return stdout;
}

/** For node:test's `skip`: why Debian's packages can't be had on this machine; false when they can. */
export function aptSkip(): string | false {
  return existsSync('/usr/bin/apt-get') ? false : 'needs Debian packages, and here is no apt-get';
}

function aptNeeded(packages: readonly string[]): void {
  if (aptSkip() === false) return;
  throw new Error(
    `This needs the Debian packages ${packages.join(', ')}, and this machine has no apt-get: run it on Debian or Ubuntu.`,
  );
}

async function packageInstalled(name: string): Promise<boolean> {
  try {
    return (await run('dpkg-query', ['-W', '-f', '${db:Status-Status}', name])) === 'installed';
  } catch {
    return false;
  }
}

/** Those of `packages` that are not installed. */
async function aptMissing(packages: readonly string[]): Promise<string[]> {
  const installed = await Promise.all(packages.map(packageInstalled));
  return packages.filter((_, index) => !installed[index]);
}

/**
 * Installs packages that are missing, saying so on stderr. No service that they bring is started.
 * @throws a sentence for the operator: not Debian or Ubuntu, not root, or what apt-get said.
 */
export async function aptEnsure(packages: readonly string[]): Promise<void> {
  aptNeeded(packages);
  const missing = await aptMissing(packages);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(
      `These Debian packages are missing: run as root "apt-get install ${missing.join(' ')}".`,
    );
  }
  process.stderr.write(`Installing ${missing.join(', ')} (apt-get) …\n`);
  const policyIsOurs = !existsSync(POLICY_PATH);
  if (policyIsOurs) await writeFile(POLICY_PATH, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await run('apt-get', ['update', '-q']);
    // Another apt-get may be at work (an unattended upgrade, a second test process): wait for it.
    await run('apt-get', [
      'install',
      '-qy',
      '--no-install-recommends',
      '-o',
      'DPkg::Lock::Timeout=300',
      ...missing,
    ]);
  } finally {
    if (policyIsOurs) await rm(POLICY_PATH, { force: true });
  }
}

async function download(packages: readonly string[], dir: string): Promise<void> {
  try {
    await run('apt-get', ['download', '-q', ...packages], dir);
  } catch (error) {
    if (process.getuid?.() !== 0) throw error;
    await run('apt-get', ['update', '-q']);
    await run('apt-get', ['download', '-q', ...packages], dir);
  }
}

/** The packages themselves and what they depend on directly, if it is a library or of the same family. */
async function packageClosure(packages: readonly string[]): Promise<string[]> {
  const found = new Set(packages);
  for (const name of found) {
    const depends = await run('apt-cache', [
      'depends',
      '--no-recommends',
      '--no-suggests',
      '--no-conflicts',
      '--no-breaks',
      '--no-replaces',
      '--no-enhances',
      name,
    ]);
    for (const [, dependency = ''] of depends.matchAll(/^ {1,2}\|?Depends: ([^<\s]+)$/gm)) {
      if (dependency.startsWith('nginx') || /^(lib|zlib)/.test(dependency)) found.add(dependency);
    }
  }
  return [...found];
}

/**
 * A folder in which the packages' files lie as they would under `/`: `/` itself if they are
 * installed, else a cache to which they and their libraries were downloaded and unpacked. Nothing
 * is installed, and nothing is started at the next boot.
 */
export async function debianRoot(packages: readonly string[]): Promise<string> {
  aptNeeded(packages);
  if ((await aptMissing(packages)).length === 0) return '/';
  const target = join(CACHE_DIR, packages.join('+'));
  if (existsSync(target)) return target;
  await mkdir(CACHE_DIR, { recursive: true });
  const lock = await processLockWait(join(CACHE_DIR, 'unpacking.lock'), () => {});
  try {
    if (!existsSync(target)) await unpack(packages, target);
  } finally {
    lock.release();
  }
  return target;
}

/** To be called under the lock. */
async function unpack(packages: readonly string[], target: string): Promise<void> {
  process.stderr.write(`Downloading ${packages.join(', ')} (apt-get) …\n`);
  const work = join(CACHE_DIR, 'unpacking');
  await rm(work, { recursive: true, force: true });
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  await download(await packageClosure(packages), work);
  for (const file of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(work, file), root]);
  }
  await rename(root, target);
  await rm(work, { recursive: true, force: true });
}

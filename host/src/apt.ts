/** Debian packages for tests and a first start: installed, or only unpacked where no installation is needed. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processLockWait } from './process-lock.mjs';

const execFileAsync = promisify(execFile);
/** How long to wait for another apt-get, and how often to check, in milliseconds. */
const LOCK_WAIT_MS = 300_000;
const LOCK_POLL_MS = 1000;
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

/** For node:test's `skip`: why Debian's packages are not available on this machine; false if they are. */
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

/** The subset of `packages` that is not installed. */
async function aptMissing(packages: readonly string[]): Promise<string[]> {
  const installed = await Promise.all(packages.map(packageInstalled));
  return packages.filter((_, index) => !installed[index]);
}

/** Runs apt-get. Waits while another apt-get (an unattended upgrade, a second test process) holds one of its locks. */
async function aptRun(args: readonly string[]): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
    try {
      // The option covers dpkg's locks, but not the lock of the package lists.
      await run('apt-get', ['-o', `DPkg::Lock::Timeout=${LOCK_WAIT_MS / 1000}`, ...args]);
      return;
    } catch (error) {
      const isLocked = /Could not get lock/.test(String((error as { stderr?: unknown }).stderr));
      if (!isLocked || waitedMs >= LOCK_WAIT_MS) throw error;
      await delay(LOCK_POLL_MS);
    }
  }
}

/**
 * Installs packages that are missing and reports this on stderr. Their services are not started.
 * @throws an Error with a sentence for the operator: not Debian or Ubuntu, not root, or the message of apt-get.
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
    await aptRun(['update', '-q']);
    await aptRun(['install', '-qy', '--no-install-recommends', ...missing]);
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

/** The packages themselves and their direct dependencies that are libraries or of the same family. */
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
 * A folder that contains the packages' files as they would be under `/`. It is `/` itself if the packages are
 * installed. Otherwise it is a cache, to which they and their libraries were downloaded and unpacked. Nothing is
 * installed, and nothing is started at the next boot.
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

/** The caller must hold the lock. */
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

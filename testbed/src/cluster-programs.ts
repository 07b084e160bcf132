/** The programs of the tests' Kubernetes: from a given archive, or built from source. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createZstdDecompress } from 'node:zlib';
import { processLockWait } from '@dollarbox/host/process-lock';

const KIT_VARIABLE = 'TEST_CLUSTER_KIT';
const SOURCE_FOLDER = fileURLToPath(new URL('../cluster/', import.meta.url));
const CACHE_FOLDER = fileURLToPath(
  new URL('../../node_modules/.cache/dollarbox-testbed/', import.meta.url),
);
const BUILD_TOOLS = ['go', 'gcc', 'pkg-config'];

/** For node:test's `skip`: why there are no programs and none can be built; false if there are. */
export function clusterProgramsSkip(): string | false {
  const kit = process.env[KIT_VARIABLE];
  if (kit !== undefined) return existsSync(kit) ? false : `${KIT_VARIABLE} names no file: ${kit}`;
  if (existsSync(builtPath())) return false;
  const missing = BUILD_TOOLS.filter((tool) => spawnSync('which', [tool]).status !== 0);
  return missing.length === 0
    ? false
    : `no Kubernetes for tests: ${KIT_VARIABLE} names no archive, and a build needs ${missing.join(', ')}`;
}

function builtPath(): string {
  return join(SOURCE_FOLDER, 'bin/kube');
}

/** @returns the path of `kube`. Unpacks or builds it first if necessary, once for all processes. */
export async function clusterPrograms(): Promise<string> {
  const kit = process.env[KIT_VARIABLE];
  await mkdir(CACHE_FOLDER, { recursive: true });
  const lock = await processLockWait(join(CACHE_FOLDER, 'cluster.lock'), () => {});
  try {
    return kit === undefined ? await build() : await unpack(kit);
  } finally {
    lock.release();
  }
}

async function unpack(kit: string): Promise<string> {
  const { size, mtimeMs } = statSync(kit);
  const folder = join(CACHE_FOLDER, `cluster-${size}-${Math.floor(mtimeMs)}`);
  if (!existsSync(folder)) {
    const work = `${folder}.part`;
    await rm(work, { recursive: true, force: true });
    await mkdir(work, { recursive: true });
    const tar = spawn('tar', ['-x', '-C', work], { stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = once(tar, 'exit');
    await pipeline(createReadStream(kit), createZstdDecompress(), tar.stdin);
    const [code] = await ended;
    if (code !== 0) throw new Error(`tar could not unpack ${kit}`);
    await rename(work, folder);
  }
  return join(folder, 'bin/kube');
}

async function build(): Promise<string> {
  if (existsSync(builtPath())) return builtPath();
  process.stderr.write('Building Kubernetes for the tests: about 9 minutes, once …\n');
  const child = spawn('sh', ['build.sh'], {
    cwd: SOURCE_FOLDER,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('Kubernetes for the tests could not be built.');
  return builtPath();
}

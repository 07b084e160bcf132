/** Volumes with file systems of their own, in tests. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerSkip } from '@dollarbox/testbed/docker';
import type { VolumeSpec } from '../contract.ts';
import { createDockerApi } from './api.ts';
import { findLoopFault } from './loop-support.ts';
import type { DockerEngineOptions, DockerStep } from './options.ts';

const run = promisify(execFile);
const WORKER = fileURLToPath(new URL('./test-worker.ts', import.meta.url));

export function newVolumesFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dollarbox-volumes-'));
}

/** With what is mounted in it. */
export async function removeVolumesFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    // Not mounted, mostly.
    await run('umount', [join(folder, name, 'mount')]).catch(() => undefined);
  }
  await rm(folder, { recursive: true });
}

/** For node:test's `skip` option: false where volumes get file systems of their own, else why not. */
export async function loopVolumesSkip(): Promise<string | false> {
  const skip = await dockerSkip();
  if (skip !== false) return skip;
  const folder = await newVolumesFolder();
  const api = createDockerApi({});
  try {
    const fault = await findLoopFault(api, folder, true, AbortSignal.timeout(30_000));
    return fault === null ? false : `volumes get no file systems of their own here: ${fault}`;
  } finally {
    api.close();
    await removeVolumesFolder(folder);
  }
}

/** A specification of 1 GB that nothing else has. */
export function newVolumeSpec(id: number, changes: Partial<VolumeSpec> = {}): VolumeSpec {
  const uid = `test${id}`.padEnd(16, '0');
  return { id, uid, tenantId: 1, name: `disk-${id}`, sizeGb: 1, ...changes };
}

/** The mount points below a folder. */
export async function mountsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table.split('\n').flatMap((line) => {
    const path = line.split(' ')[4] ?? '';
    return path.startsWith(`${folder}/`) ? [path] : [];
  });
}

/** The files below a folder that loop devices have open, deleted ones too. */
export async function loopFilesBelow(folder: string): Promise<string[]> {
  const { stdout } = await run('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE']);
  return stdout.split('\n').filter((line) => line.trim().startsWith(`${folder}/`));
}

export interface WorkerTask {
  options: Partial<DockerEngineOptions>;
  /** Verbs of an engine, one after the other, as `volumes.apply`. */
  calls: readonly (readonly [verb: string, ...args: unknown[]])[];
  /** Where it kills itself. Left out: it works to the end. */
  dieAt?: DockerStep;
  /** What the command begins with; default nothing. */
  launcher?: readonly string[];
}

/**
 * Calls an engine in a process of its own.
 * @returns what the last verb gave, or how the process was killed.
 */
export async function workInProcess(task: WorkerTask): Promise<unknown> {
  const words = [...(task.launcher ?? []), process.execPath, WORKER, JSON.stringify(task)];
  const child = spawn(words[0] ?? '', words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said, [, signal]] = await Promise.all([
    json(child.stdout).catch(() => null),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  return signal ?? said;
}

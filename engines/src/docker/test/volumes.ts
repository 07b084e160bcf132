/** Helpers for tests of volumes with their own file systems. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { dockerSkip } from '@dollarbox/host/docker';
import type { VolumeSpec } from '../../contract.ts';
import { dockerApiCreate } from '../daemon/api.ts';
import { loopFaultFind } from '../volumes/loop-support.ts';
import type { DockerEngineOptions, DockerStep, ProbeStep } from '../base/options.ts';
import { dockerAddress } from './setup.ts';

const run = promisify(execFile);
const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));

export function volumesFolderCreate(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dollarbox-volumes-'));
}

/** Including anything mounted in it. */
export async function volumesFolderRemove(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    // Usually it is not mounted.
    await run('umount', [join(folder, name, 'mount')]).catch(() => undefined);
  }
  await rm(folder, { recursive: true });
}

/** For node:test's `skip` option: false if volumes get their own file systems, otherwise the reason why not. */
export async function loopVolumesSkip(): Promise<string | false> {
  const skip = await dockerSkip();
  if (skip !== false) return skip;
  const folder = await volumesFolderCreate();
  const api = dockerApiCreate(dockerAddress);
  try {
    const fault = await loopFaultFind(api, folder, true, AbortSignal.timeout(300_000));
    return fault === null ? false : `volumes get no file systems of their own here: ${fault}`;
  } finally {
    api.close();
    await volumesFolderRemove(folder);
  }
}

/** A unique specification of 1 GB. */
export function volumeSpecCreate(id: number, changes: Partial<VolumeSpec> = {}): VolumeSpec {
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

/** The files below a folder that loop devices have open, including deleted ones. */
export async function loopFilesBelow(folder: string): Promise<string[]> {
  const { stdout } = await run('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE']);
  return stdout.split('\n').filter((line) => line.trim().startsWith(`${folder}/`));
}

export interface WorkerTask {
  options: Partial<DockerEngineOptions>;
  /** Verbs of an engine, called in order, such as `volumes.apply`. */
  calls: readonly (readonly [verb: string, ...args: unknown[]])[];
  /** The step at which the process kills itself. If omitted, it runs to the end. */
  dieAt?: DockerStep | ProbeStep;
  /** The beginning of the command; default nothing. */
  launcher?: readonly string[];
}

/**
 * Calls an engine in a separate process.
 * @returns the result of the last verb, or how the process was killed.
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

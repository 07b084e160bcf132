/** Folders in which volumes are being created. Their names say which process creates them. */
import { mkdtemp, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { processIsAlive, processStartTime } from '@dollarbox/host/process-lock';
import { pidNamespace } from '../base/process-mark.ts';

const PREFIX = 'making-';
/** `making-<PID namespace>-<pid>-<start time>-<random>` */
const NAME = /^making-(\d+)-(\d+)-(\d+)-/;
/** Longer than any verb. A process that this one can't look up is dead if its folder is older than this. */
const ABANDONED_AFTER_MS = 600_000;

/** Creates one. @returns its path. */
export async function makingFolderCreate(parent: string): Promise<string> {
  const { pid } = process;
  const owner = [await pidNamespace(), pid, processStartTime(pid) ?? '0'].join('-');
  return mkdtemp(join(parent, `${PREFIX}${owner}-`));
}

export function isMakingFolder(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** Whether a folder is older than any verb of the process that created it. */
export async function folderIsAbandoned(path: string, now: Date): Promise<boolean> {
  return now.getTime() - (await stat(path)).mtimeMs > ABANDONED_AFTER_MS;
}

/** Whether the process that was creating a volume there is dead. */
export async function makingFolderIsDead(
  parent: string,
  name: string,
  now: Date,
): Promise<boolean> {
  const [, namespace, pid, startTime] = NAME.exec(name) ?? [];
  if (namespace === undefined || namespace === '0' || namespace !== (await pidNamespace())) {
    return folderIsAbandoned(join(parent, name), now);
  }
  return !processIsAlive(Number(pid), startTime ?? null);
}

/** Folders for volumes with file systems of their own, in tests. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export function newVolumesFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dollarbox-volumes-'));
}

/** With what is mounted in it. */
export async function removeVolumesFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    // Not mounted, mostly.
    await promisify(execFile)('umount', [join(folder, name, 'mount')]).catch(() => undefined);
  }
  await rm(folder, { recursive: true });
}

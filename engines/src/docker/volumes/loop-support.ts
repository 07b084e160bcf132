/** Finds out whether volumes can have their own file systems here, by creating one. */
import type { DockerApi } from '../daemon/api.ts';
import { DockerCallError } from '../daemon/api.ts';
import { hostCommandRun } from '../daemon/host-command.ts';
import { userShiftOf } from '../daemon/user-shift.ts';
import { loopDiskTry } from './loop-disk.ts';

/** An image that never exists. The request only checks whether Docker gets far enough to report it missing. */
const NO_IMAGE = 'dollarbox.invalid/none:none';

interface DockerInfo {
  DockerRootDir: string;
  SecurityOptions?: string[] | null;
}

/** Docker reports a missing folder for a mount before it reports a missing image. */
async function requireSeen(api: DockerApi, folder: string, signal: AbortSignal): Promise<void> {
  const version = await api.call<{ Os: string; Arch: string }>({
    method: 'GET',
    path: '/version',
    signal,
  });
  const mount = { Type: 'bind', Source: folder, Target: '/data' };
  try {
    await api.call({
      method: 'POST',
      path: '/containers/create',
      // Newer versions of Docker look for the image first, unless the platform is given.
      query: { platform: `${version.Os}/${version.Arch}` },
      body: { Image: NO_IMAGE, HostConfig: { Mounts: [mount] } },
      signal,
    });
  } catch (error) {
    if (error instanceof DockerCallError && error.status === 404) return;
    throw error;
  }
}

/**
 * @param volumesDir null: none was configured.
 * @param isLocal whether the engine runs on this machine.
 * @returns why not, as a sentence; null if it works.
 */
export async function loopFaultFind(
  api: DockerApi,
  volumesDir: string | null,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<string | null> {
  if (volumesDir === null) return 'No folder for volumes is set.';
  if (!isLocal) return 'The Docker engine is on another machine.';
  if (process.getuid?.() !== 0) return 'Only root can mount file systems.';
  try {
    const info = await api.call<DockerInfo>({ method: 'GET', path: '/info', signal });
    if (userShiftOf(info) === null) {
      return "Docker gives containers other users than the machine's, and does not say which.";
    }
    const tar = await hostCommandRun('tar', ['--version'], signal);
    if (!tar.includes('GNU tar')) return 'GNU tar is not installed.';
    await loopDiskTry(volumesDir, (folder) => requireSeen(api, folder, signal), signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return `A trial failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

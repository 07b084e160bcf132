/** Whether volumes can be kept on file systems of their own here: found out by making one. */
import type { DockerApi } from './api.ts';
import { DockerCallError } from './api.ts';
import { runHostCommand } from './host-command.ts';
import { loopDiskTry } from './loop-disk.ts';

/** Never there: what is asked for is only whether Docker would go so far as to miss it. */
const NO_IMAGE = 'dollarbox.invalid/none:none';

interface DockerInfo {
  SecurityOptions?: string[] | null;
}

/** Docker says that a folder to be mounted is not there before it says that the image is not. */
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
      // Newer Dockers look for the image first, unless they are told what for.
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
 * @param volumesDir null: none was named.
 * @param isLocal whether the engine runs on this machine.
 * @returns why not, a sentence; null when it works.
 */
export async function findLoopFault(
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
    if (info.SecurityOptions?.some((option) => option.includes('name=userns'))) {
      return "Docker gives containers other users than the machine's (userns-remap).";
    }
    const tar = await runHostCommand('tar', ['--version'], signal);
    if (!tar.includes('GNU tar')) return 'GNU tar is not installed.';
    await loopDiskTry(volumesDir, (folder) => requireSeen(api, folder, signal), signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return `A trial failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

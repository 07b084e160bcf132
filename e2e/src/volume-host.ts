import { readFile, readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import { docker } from './docker-host.ts';

/** Where the data of the engine's volume is, as a user with a shell on the host finds it. */
export async function volumeFolder(name: string): Promise<string> {
  const { Mountpoint, Options } = await docker.getVolume(name).inspect();
  return Options?.['device'] ?? Mountpoint;
}

/** The traces on the host of volumes with file systems of their own: the names of their folders, sorted. */
export interface VolumeTraces {
  mounted: string[];
  /** In any state. */
  kept: string[];
}

/** @param folder where they are kept. */
export async function volumeTraces(folder: string): Promise<VolumeTraces> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const mounted = table
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => relative(folder, path).split('/')[0] ?? '');
  return {
    mounted: mounted.toSorted(),
    kept: (await readdir(folder).catch(() => [])).toSorted(),
  };
}

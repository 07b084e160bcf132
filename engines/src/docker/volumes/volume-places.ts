/** Where the disk of a volume with its own file system may be. */
import { join } from 'node:path';
import { loopDiskState, loopFolderOf } from './loop-disk.ts';

/**
 * Where Docker's object points, and in the folder for volumes.
 * @param pointer the data folder that Docker's object points to; null: none.
 */
export function volumePlacesOf(
  volumesDir: string | null,
  name: string,
  pointer: string | null,
): string[] {
  const places = pointer === null ? [] : [loopFolderOf(pointer)];
  if (volumesDir !== null) places.push(join(volumesDir, name));
  return [...new Set(places)];
}

/** The folder of its disk; null if there is none, or only one that is being removed. */
export async function volumeFolderFind(
  volumesDir: string | null,
  name: string,
  pointer: string | null,
): Promise<string | null> {
  for (const folder of volumePlacesOf(volumesDir, name, pointer)) {
    const state = await loopDiskState(folder);
    const isPointedTo = pointer !== null && loopFolderOf(pointer) === folder;
    if (state !== 'none' && (state !== 'going' || isPointedTo)) return folder;
  }
  return null;
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeSpec } from '@dollarbox/engines/contract';
import { OperatorError } from '../errors.ts';

/** The version of the folder's layout, not of the tables. */
const FORMAT = 1;

export const MANIFEST_FILE = 'manifest.json';

/** One file of a backup. */
export interface BackupFile {
  /** Relative to the backup's folder. */
  path: string;
  bytes: number;
  /** Hex. */
  sha256: string;
}

export interface TableBackup extends BackupFile {
  table: string;
  rows: number;
}

export interface VolumeBackup extends BackupFile, VolumeSpec {}

/** What the engine held just after the database was read. */
export interface EngineBackup {
  kind: string;
  containers: { ref: string; id: number; state: string }[];
  volumes: { ref: string; id: number; uid: string }[];
}

/** What a backup is made of. It is written last: a folder without it is no backup. */
export interface Manifest {
  format: typeof FORMAT;
  /** RFC 3339. */
  createdAt: string;
  installationId: string;
  /** Sealed with the secret key, to tell whether one that is given is the right one. Hex. */
  keyCheck: string | null;
  /** The migrations that the tables had, oldest first. */
  migrations: string[];
  tables: TableBackup[];
  /** The last value that each sequence gave, null where it gave none. */
  sequences: Record<string, number | null>;
  /** null: the engine was not asked. */
  engine: EngineBackup | null;
  /** Data of volumes; null: left out. */
  volumes: VolumeBackup[] | null;
}

export function manifestMake(parts: Omit<Manifest, 'format'>): Manifest {
  return { format: FORMAT, ...parts };
}

/** @throws OperatorError when the folder holds no backup, or one that this version can't read. */
export async function manifestRead(folder: string): Promise<Manifest> {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(await readFile(join(folder, MANIFEST_FILE), 'utf8')) as Manifest;
  } catch (error) {
    throw new OperatorError(
      `There is no whole backup in ${folder} (its ${MANIFEST_FILE} can't be read): give the folder that backup-create made.`,
      { cause: error },
    );
  }
  if (manifest.format === FORMAT) return manifest;
  throw new OperatorError(
    `The backup in ${folder} has the format ${String(manifest.format)}, which this version does not know: restore it with the version that made it.`,
  );
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VolumeSpec } from '@dollarbox/engines/contract';
import { OperatorError } from '../base/errors.ts';

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

/** The contents of a backup. It is written last: a folder without it is not a backup. */
export interface Manifest {
  format: typeof FORMAT;
  /** RFC 3339. */
  createdAt: string;
  installationId: string;
  /** Sealed with the secret key, to check whether a given key is the right one. Hex. */
  keyCheck: string | null;
  /** The migrations that had been applied to the tables, oldest first. */
  migrations: string[];
  tables: TableBackup[];
  /** The last value of each sequence, or null if it has given none. */
  sequences: Record<string, number | null>;
  /** null: the engine was not listed. */
  engine: EngineBackup | null;
  /** Data of volumes; null: left out. */
  volumes: VolumeBackup[] | null;
}

export function manifestCreate(parts: Omit<Manifest, 'format'>): Manifest {
  return { format: FORMAT, ...parts };
}

/** @throws OperatorError if the folder holds no backup, or one that this version can't read. */
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

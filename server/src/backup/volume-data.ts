/** The export of volume data to a backup, and its restore. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, addAbortSignal } from 'node:stream';
import {
  ENGINE_TIMEOUT,
  type Engine,
  EngineError,
  type VolumeSpec,
} from '@dollarbox/engines/contract';
import { OperatorError } from '../base/errors.ts';
import { backupFileRead, backupFileWrite } from './files.ts';
import type { Manifest, VolumeBackup } from './manifest.ts';
import type { Supervision } from './supervision.ts';

/** Each call has ten seconds: a cluster takes its time to make and to remove a volume. */
const CALLS_MAX = 12;

/**
 * Writes the files of each volume while its container keeps running. A file that is half written at that moment is half
 * written in the backup, as after a power cut.
 * @param engine null: there is none that can be reached from here.
 * @throws OperatorError naming the volume that can't be read.
 */
export async function volumesExport(
  engine: Engine | null,
  folder: string,
  volumes: readonly VolumeSpec[],
  { progress, signal }: Supervision,
): Promise<VolumeBackup[]> {
  if (volumes.length === 0) return [];
  if (engine === null) throw engineAway(volumes.length);
  const written: VolumeBackup[] = [];
  for (const [index, volume] of volumes.entries()) {
    signal.throwIfAborted();
    progress(`Volume ${index + 1} of ${volumes.length}: ${volume.name} …`);
    try {
      const observed = await engine.volumes.observe(volume);
      if (observed === null) {
        progress(`The engine does not have the volume ${volume.name} any more: it is left out.`);
        continue;
      }
      const path = `volumes/${volume.id}-${volume.uid}.tar.gz`;
      const tar = await engine.volumes.exportTar(observed.ref);
      written.push({ ...(await backupFileWrite(folder, path, tar, signal)), ...volume });
    } catch (error) {
      throw volumeFault(volume, 'read', error);
    }
  }
  return written;
}

/** The volumes that a restore has started to fill, so that an interrupted one starts them over. */
interface Progress {
  /** The backup being restored: volumes started from another backup must not be removed. */
  createdAt: string;
  begun: string[];
  done: string[];
}

/**
 * Creates and fills the volumes that the engine does not have. An existing volume keeps its data, which is newer than
 * the backup's.
 * @param dataDir where progress is recorded.
 * @returns the names of volumes that already existed, and the objects of all by their uids.
 * @throws OperatorError naming the volume that can't be filled, or if the restore of another backup is unfinished.
 */
export async function volumesImport(
  engine: Engine,
  folder: string,
  dataDir: string,
  manifest: Pick<Manifest, 'createdAt' | 'volumes'>,
  { progress, signal }: Supervision,
): Promise<{ kept: string[]; refs: Map<string, string> }> {
  const volumes = manifest.volumes ?? [];
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const file = restoreFile(dataDir);
  const state = progressRead(file) ?? { createdAt: manifest.createdAt, begun: [], done: [] };
  if (state.createdAt !== manifest.createdAt) {
    throw new OperatorError(
      `A restore of the backup of ${state.createdAt} was broken off here, and may have left volumes half filled: repeat that one, or use another DATA_DIR, or remove ${file} if you know better.`,
    );
  }
  const note = () => writeFileSync(file, JSON.stringify(state), { mode: 0o600, flush: true });
  const kept: string[] = [];
  const refs = new Map<string, string>();
  for (const [index, volume] of volumes.entries()) {
    signal.throwIfAborted();
    try {
      const found = await engine.volumes.observe(volume);
      const isDone = state.done.includes(volume.uid);
      if (found !== null && (isDone || !state.begun.includes(volume.uid))) {
        refs.set(volume.uid, found.ref);
        if (!isDone) kept.push(volume.name);
        continue;
      }
      progress(`Volume ${index + 1} of ${volumes.length}: ${volume.name} …`);
      state.begun.push(volume.uid);
      note();
      // Half filled by an interrupted restore.
      if (found !== null) await patiently(signal, () => engine.volumes.remove(found.ref));
      const { ref } = await patiently(signal, () => engine.volumes.apply(volume));
      const tar = Readable.from(backupFileRead(folder, volume));
      await engine.volumes.importTar(ref, addAbortSignal(signal, tar));
      refs.set(volume.uid, ref);
      state.done.push(volume.uid);
      note();
    } catch (error) {
      throw volumeFault(volume, 'restored', error);
    }
  }
  return { kept, refs };
}

/** Calls the engine again if it could not do it in the time of one call. */
async function patiently<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let left = CALLS_MAX - 1; ; left -= 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof EngineError) || error.reason !== ENGINE_TIMEOUT || left === 0) {
        throw error;
      }
      signal.throwIfAborted();
    }
  }
}

/** The restore is done: its recorded progress is no longer needed. */
export function restoreFinish(dataDir: string): void {
  rmSync(restoreFile(dataDir), { force: true });
}

function progressRead(file: string): Progress | null {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Progress) : null;
}

function restoreFile(dataDir: string): string {
  return join(dataDir, 'restore.json');
}

/** The message if the data of volumes is not available. */
export function engineAway(count: number): OperatorError {
  return new OperatorError(
    `The data of ${count} volumes is out of reach without the engine: run this where ENGINE and DOCKER_HOST or KUBECONFIG lead to it, or leave the data out with --volume-data no.`,
  );
}

function volumeFault(volume: VolumeSpec, done: string, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  return new OperatorError(
    `The volume ${volume.name} (id ${volume.id}) could not be ${done}: ${error.message} Mend that and repeat the command; --volume-data no leaves the data of volumes out.`,
    { cause: error },
  );
}

/** Exports and imports a volume's data as an archive. */
import { posix } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../contract.ts';
import { tarEndRequire } from '../../tar-end.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { ContainerFiles } from '../daemon/container-files.ts';
import { DockerCallError } from '../daemon/api.ts';
import { verbRun, engineErrorFrom } from '../daemon/errors.ts';
import { folderTarRead, folderTarWrite } from '../images/host-tar.ts';
import { tarEntriesRead, tarOfFolder } from '../images/tar.ts';
import { volumeHolders } from './volume-holders.ts';
import { JOB_FOLDER } from './volume-jobs.ts';
import type { VolumeJobs } from './volume-jobs.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

/** The first entry of an archive, including any headers that may precede it. */
const HEAD_BYTES = 8192;

export interface VolumeTransfer {
  exportTar(ref: string): Promise<Readable>;
  importTar(ref: string, tar: Readable): Promise<void>;
}

export interface VolumeTransferParts {
  api: DockerApi;
  store: VolumeStore;
  jobs: VolumeJobs;
  files: ContainerFiles;
  /** Deadline for each step before and after the data. */
  stepDeadlineMs: number;
}

/** Passes an archive through, and keeps its beginning. */
function keepHead(): { stream: Transform; head(): Buffer } {
  let head = Buffer.alloc(0);
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
      done(null, chunk);
    },
  });
  return { stream, head: () => head };
}

export function volumeTransferCreate(parts: VolumeTransferParts): VolumeTransfer {
  const { api, store, jobs, files } = parts;
  const step = <T>(act: (signal: AbortSignal) => Promise<T>) => verbRun(parts.stepDeadlineMs, act);

  async function open(ref: string): Promise<StoredVolume> {
    const volume = await step((signal) => store.open(ref, signal));
    if (volume !== null) return volume;
    const message = 'The container engine does not have this volume.';
    throw new EngineError('not_found', 'volume_missing', message);
  }

  async function requireUnheld(ref: string): Promise<void> {
    const holders = await step((signal) => volumeHolders(api, [ref], signal));
    if (holders.length === 0) return;
    const message = 'The volume is in use by a container.';
    throw new EngineError('conflict', 'volume_busy', message);
  }

  /**
   * @returns a container that mounts the volume, which is still the object that was inspected.
   * @throws EngineError `volume_missing`.
   */
  async function openJob(ref: string, isReadOnly: boolean): Promise<string> {
    const job = await step((signal) => jobs.open(ref, isReadOnly, signal));
    try {
      await open(ref);
      return job;
    } catch (error) {
      await step(async (signal) => {
        await jobs.close(job, signal);
        await store.removeMadeByMounting(ref, signal);
      });
      throw error;
    }
  }

  /** Has no verb deadline: runs until `work` ends or fails. */
  async function endJob(job: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const ended = new AbortController();
    try {
      await work(ended.signal);
    } finally {
      ended.abort();
      await step((signal) => jobs.close(job, signal));
    }
  }

  async function readThroughDocker(ref: string): Promise<Readable> {
    const job = await openJob(ref, true);
    const output = new PassThrough();
    const read = async (signal: AbortSignal) => {
      const path = `/containers/${job}/archive`;
      const query = { path: `${JOB_FOLDER}/.` };
      const data = await api.stream({ method: 'GET', path, query, signal });
      await pipeline(data, tarEndRequire(), output, { end: false });
    };
    endJob(job, read).then(
      () => output.end(),
      (error: unknown) => output.destroy(error as Error),
    );
    return output;
  }

  async function writeThroughDocker(ref: string, tar: Readable): Promise<void> {
    const job = await openJob(ref, false);
    await endJob(job, async (signal) => {
      const { stream, head } = keepHead();
      const [feeding, writing] = await Promise.allSettled([
        pipeline(tar, stream),
        files.writeArchive(job, JOB_FOLDER, stream, signal),
      ]);
      // The input's own error says more than the failure of the request that it caused.
      if (feeding.status === 'rejected') throw feeding.reason;
      if (writing.status === 'rejected') throw writeFailure(writing.reason);
      // Docker ignores the entry of the folder itself.
      const [root] = await tarEntriesRead(head());
      if (root?.type !== 'directory' || !['.', './'].includes(root.name)) return;
      const archive = tarOfFolder(posix.basename(JOB_FOLDER), root);
      await files.writeArchive(job, posix.dirname(JOB_FOLDER), Readable.from(archive), signal);
    });
  }

  return {
    async exportTar(ref) {
      const volume = await open(ref);
      return volume.isLoop
        ? folderTarRead(volume.dataFolder, volume.shift)
        : readThroughDocker(ref);
    },

    async importTar(ref, tar) {
      try {
        const volume = await open(ref);
        await requireUnheld(ref);
        if (volume.isLoop) await folderTarWrite(volume.dataFolder, volume.shift, tar);
        else await writeThroughDocker(ref, tar);
        // A container that mounted it in the meantime has seen only part of the data.
        await requireUnheld(ref);
      } finally {
        tar.destroy();
      }
    },
  };
}

/** Translates Docker's refusal of an archive. */
function writeFailure(error: unknown): EngineError {
  if (!(error instanceof DockerCallError) || error.status === null) return engineErrorFrom(error);
  const cause = error;
  return /no space left/i.test(error.message)
    ? new EngineError('permanent', 'volume_full', 'There is no room for this data.', { cause })
    : new EngineError('permanent', 'archive_broken', 'The archive can not be unpacked.', { cause });
}

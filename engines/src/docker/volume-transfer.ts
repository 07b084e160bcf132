/** A volume's data out of it and into it, as an archive. */
import { posix } from 'node:path';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../contract.ts';
import type { DockerApi } from './api.ts';
import type { ContainerFiles } from './container-files.ts';
import { DockerCallError } from './api.ts';
import { runVerb, toEngineError } from './errors.ts';
import { readFolderTar, writeFolderTar } from './host-tar.ts';
import { readTarEntries, TAR_END, tarOfFolder } from './tar.ts';
import { volumeHolders } from './volume-holders.ts';
import { JOB_FOLDER } from './volume-jobs.ts';
import type { VolumeJobs } from './volume-jobs.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

/** The first entry of an archive, with what may stand before it. */
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
  /** Of what goes before and after the data. */
  stepDeadlineMs: number;
}

/** Docker ends an archive early when it can't read on, and says nothing: only the archive's own end tells. */
function requireTarEnd(): Transform {
  let tail = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      tail = Buffer.concat([tail, chunk]).subarray(-TAR_END.length);
      done(null, chunk);
    },
    flush(done) {
      const isWhole = tail.equals(TAR_END);
      if (isWhole) return done(null);
      const message = 'The volume could not be read to its end.';
      done(new EngineError('retryable', 'engine_error', message));
    },
  });
}

/** Passes an archive on, and keeps its beginning. */
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

export function createVolumeTransfer(parts: VolumeTransferParts): VolumeTransfer {
  const { api, store, jobs, files } = parts;
  const step = <T>(act: (signal: AbortSignal) => Promise<T>) => runVerb(parts.stepDeadlineMs, act);

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
   * @returns a container that has the volume, which is still the one that was looked at.
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

  /** Without the deadline of a verb: until `work` ends or fails. */
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
      await pipeline(data, requireTarEnd(), output, { end: false });
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
      // The input's own fault says more than what became of the request for it.
      if (feeding.status === 'rejected') throw feeding.reason;
      if (writing.status === 'rejected') throw writeFailure(writing.reason);
      // Docker leaves out the folder itself.
      const [root] = readTarEntries(head());
      if (root?.type !== '5' || !['.', './'].includes(root.name)) return;
      const archive = tarOfFolder(posix.basename(JOB_FOLDER), root);
      await files.writeArchive(job, posix.dirname(JOB_FOLDER), Readable.from([archive]), signal);
    });
  }

  return {
    async exportTar(ref) {
      const volume = await open(ref);
      return volume.isLoop ? readFolderTar(volume.dataFolder) : readThroughDocker(ref);
    },

    async importTar(ref, tar) {
      try {
        const volume = await open(ref);
        await requireUnheld(ref);
        if (volume.isLoop) await writeFolderTar(volume.dataFolder, tar);
        else await writeThroughDocker(ref, tar);
        // Whoever mounted it meanwhile has seen half of the data.
        await requireUnheld(ref);
      } finally {
        tar.destroy();
      }
    },
  };
}

/** What Docker's refusal of an archive means. */
function writeFailure(error: unknown): EngineError {
  if (!(error instanceof DockerCallError) || error.status === null) return toEngineError(error);
  const cause = error;
  return /no space left/i.test(error.message)
    ? new EngineError('permanent', 'volume_full', 'There is no room for this data.', { cause })
    : new EngineError('permanent', 'archive_broken', 'The archive can not be unpacked.', { cause });
}

/** Exports and imports a volume's data as an archive, by BusyBox in a pod that mounts it. */
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../contract.ts';
import { tarEndRequire } from '../../tar-end.ts';
import { isKubeStatus } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import { engineErrorFrom } from '../api/errors.ts';
import type { Claim } from '../api/objects.ts';
import { PodCommandError, podCommandStart } from '../api/pod-command.ts';
import type { PodCommand } from '../api/pod-command.ts';
import type { ObjectRef } from '../base/names.ts';
import { quantityParse } from '../base/quantities.ts';
import { archiveConvert } from './archive.ts';
import type { Unfinished } from './archive.ts';
import { DATA_FOLDER, unpreparedError } from './transfer-pods.ts';
import type { TransferPods } from './transfer-pods.ts';
import type { Volumes } from './volumes.ts';

const STEP_MS = 60_000;
/** Storage that takes nothing for so long is taken to be stuck. */
const STALL_MS = 600_000;
const OWNERS_LOST_CODE = 3;

export interface VolumeTransfer {
  exportTar(ref: string): Promise<Readable>;
  importTar(ref: string, tar: Readable): Promise<void>;
}

export interface VolumeTransferParts {
  api: KubeApi;
  volumes: Pick<Volumes, 'find' | 'heldBy'>;
  pods: TransferPods;
  /** Aborts when the engine is closed. */
  closing: AbortSignal;
}

/** Files that were removed while they were read, and sockets: what others leave out, too. */
const HARMLESS =
  /^tar: (?:.*: (?:No such file or directory|unknown file type|socket ignored)|error exit delayed.*|removing leading .*)$/;

/** @throws unless the command's only complaints are about what is left out of archives. */
function unlessHarmless(error: unknown): void {
  const lines = error instanceof PodCommandError ? error.said.trim().split('\n') : [];
  const isHarmless =
    error instanceof PodCommandError &&
    error.exitCode === 1 &&
    lines.every((line) => HARMLESS.test(line));
  if (isHarmless) return;
  const message = 'The volume could not be read to its end.';
  throw new EngineError('retryable', 'engine_error', message, { cause: error });
}

/** What a failure of the command that writes means. */
function writeFailure(error: unknown): unknown {
  if (!(error instanceof PodCommandError)) return error;
  const cause = error;
  if (/no space left|quota exceeded/i.test(error.said)) {
    const message = 'The volume is too small for this data.';
    return new EngineError('permanent', 'volume_full', message, { cause });
  }
  if (error.exitCode !== 1) return engineErrorFrom(error);
  return new EngineError('permanent', 'archive_broken', 'The archive can not be unpacked.', {
    cause,
  });
}

/** Ends the command if nothing has moved for a long time. */
function stallWatch(command: PodCommand): { moved: Transform; end(): void } {
  const timer = setTimeout(() => command.close(), STALL_MS);
  const moved = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh();
      done(null, chunk);
    },
  });
  return { moved, end: () => clearTimeout(timer) };
}

/** Storage that does not keep owners is found out before it is filled. */
const OWNERS_TRY = `
set -e
cd ${DATA_FOLDER}
file=.dollarbox-owner
: > $file
chown 1:2 $file && found=$(stat -c %u:%g $file) || found=none
rm -f $file
[ "$found" = 1:2 ] || exit ${OWNERS_LOST_CODE}`;

/** Its input is lines of owner or '-', time and path, each ended by a zero byte. */
const FINISH = `
cd ${DATA_FOLDER} && exec busybox xargs -0 -n 300 sh -c '
for line; do
  owner=\${line%% *}; rest=\${line#* }; time=\${rest%% *}; path=\${rest#* }
  if [ "$owner" = - ]; then touch -c -d "@$time" "$path"
  else chown -h "$owner" "$path" && touch -h -c -d "@$time" "$path"
  fi || exit 255
done' finish`;

export function volumeTransferCreate(parts: VolumeTransferParts): VolumeTransfer {
  const { api, volumes, pods, closing } = parts;
  const step = () => AbortSignal.any([closing, AbortSignal.timeout(STEP_MS)]);

  async function claimOpen(ref: string): Promise<{ claim: Claim; heldBy: number[] }> {
    const found = await volumes.find(ref, step());
    if (found === undefined || found.claim.status?.phase === 'Lost') {
      throw new EngineError('not_found', 'volume_missing', 'The volume does not exist.');
    }
    return { claim: found.claim, heldBy: await volumes.heldBy(found.claim, step()) };
  }

  async function unheldOpen(ref: string): Promise<Claim> {
    const { claim, heldBy } = await claimOpen(ref);
    if (heldBy.length === 0) return claim;
    const message = 'The volume is in use by a container.';
    throw new EngineError('conflict', 'volume_busy', message);
  }

  async function start(pod: ObjectRef, command: readonly string[]): Promise<PodCommand> {
    try {
      return await podCommandStart(api, pod, command, step());
    } catch (error) {
      throw isKubeStatus(error, 403) ? unpreparedError(error) : error;
    }
  }

  /** Its input is the data. Returns when it has ended well. */
  async function feed(
    pod: ObjectRef,
    command: readonly string[],
    data: AsyncIterable<Buffer>,
  ): Promise<void> {
    const running = await start(pod, command);
    const close = () => running.close();
    closing.addEventListener('abort', close);
    const { moved, end } = stallWatch(running);
    running.output.resume();
    try {
      const [feeding, ending] = await Promise.allSettled([
        pipeline(data, moved, running.input).catch((error: unknown) => {
          // Without the rest, the command would wait for it.
          running.close();
          throw error;
        }),
        running.ended,
      ]);
      // What the command said of its own end says more than the input that it no longer takes.
      if (ending.status === 'rejected' && ending.reason instanceof PodCommandError) {
        throw ending.reason;
      }
      if (feeding.status === 'rejected') throw feeding.reason;
      if (ending.status === 'rejected') throw ending.reason;
    } finally {
      end();
      closing.removeEventListener('abort', close);
      running.close();
    }
  }

  async function ownersRequire(pod: ObjectRef): Promise<void> {
    try {
      await feed(pod, ['sh', '-c', OWNERS_TRY], Readable.from([]));
    } catch (error) {
      const isLost = error instanceof PodCommandError && error.exitCode === OWNERS_LOST_CODE;
      if (!isLost) throw error;
      const message = 'The storage of the volume does not keep the owners of files.';
      throw new EngineError('permanent', 'unsupported', message, { cause: error });
    }
  }

  async function unpack(pod: ObjectRef, tar: Readable, roomBytes: number): Promise<void> {
    const unfinished: Unfinished[] = [];
    const archive = archiveConvert(tar, roomBytes, unfinished);
    await feed(pod, ['busybox', 'tar', '-x', '-p', '-f', '-', '-C', DATA_FOLDER], archive);
    if (unfinished.length === 0) return;
    await feed(pod, ['sh', '-c', FINISH], Readable.from(unfinishedLines(unfinished)));
  }

  async function readInto(output: PassThrough, pod: ObjectRef): Promise<void> {
    const words = ['busybox', 'tar', '-c', '-f', '-', '-C', DATA_FOLDER, '.'];
    const running = await start(pod, words);
    const close = () => running.close();
    closing.addEventListener('abort', close);
    const { moved, end } = stallWatch(running);
    try {
      running.input.end();
      const stages = [running.output, moved, tarEndRequire(), output] as const;
      await pipeline(stages, { end: false });
      await running.ended.catch(unlessHarmless);
    } finally {
      end();
      closing.removeEventListener('abort', close);
      running.close();
    }
  }

  return {
    async exportTar(ref) {
      try {
        const { claim, heldBy } = await claimOpen(ref);
        const pod = await pods.open({ claim, heldBy, isReadOnly: true }, closing);
        const output = new PassThrough();
        readInto(output, pod)
          .finally(() => pods.close(pod))
          .then(
            () => output.end(),
            (error: unknown) => output.destroy(engineErrorFrom(error)),
          );
        return output;
      } catch (error) {
        throw engineErrorFrom(error);
      }
    },

    async importTar(ref, tar) {
      tar.on('error', () => undefined);
      try {
        const claim = await unheldOpen(ref);
        const pod = await pods.open({ claim, heldBy: [], isReadOnly: false }, closing);
        try {
          await ownersRequire(pod);
          await unpack(pod, tar, quantityParse(claim.spec.resources?.requests?.['storage']));
        } finally {
          await pods.close(pod);
        }
        // A container that mounted it in the meantime has seen only part of the data.
        await unheldOpen(ref);
      } catch (error) {
        if (tar.errored !== null && error === tar.errored) throw error;
        throw engineErrorFrom(writeFailure(error));
      } finally {
        tar.destroy();
      }
    },
  };
}

function* unfinishedLines(unfinished: readonly Unfinished[]): Generator<Buffer> {
  const zero = Buffer.of(0);
  for (const { path, mtime, owner } of unfinished) {
    yield Buffer.concat([Buffer.from(`${owner ?? '-'} ${mtime} `), path, zero]);
  }
}

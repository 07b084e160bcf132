/** Archives the data of a folder of this machine with the machine's own GNU tar, as root of containers. */
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../contract.ts';
import { hostEnvironment, HostCommandError } from '../daemon/host-command.ts';
import { userNamespaceOpen } from '../daemon/user-namespace.ts';
import type { UserShift } from '../daemon/user-shift.ts';

const WHOLE = [
  '--numeric-owner',
  '--acls',
  '--xattrs',
  '--xattrs-include=*',
  // These belong to the machine, not to the data.
  '--xattrs-exclude=security.selinux',
  // Holes stay holes: a file of any size can consist of a hole.
  '--sparse',
];
/** Files changed or disappeared while they were read. The archive contains what was read of them. */
const CHANGED_CODE = 1;

async function spawnTar(
  words: readonly string[],
  folder: string,
  shift: UserShift,
  ...members: string[]
) {
  const namespace = await userNamespaceOpen(shift);
  const [program = '', ...before] = [...namespace.launcher, 'tar'];
  const child = spawn(program, [...before, ...words, ...WHOLE, ...members], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: hostEnvironment(),
    // In a user namespace, tar may not pass through the folders above.
    cwd: folder,
  });
  child.once('close', () => namespace.close());
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (said.length < 1000) said += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', (error) => reject(new HostCommandError('tar', null, error.message)));
    child.once('close', (code) => {
      if (code === 0 || code === CHANGED_CODE) resolve();
      else reject(new HostCommandError('tar', code, said.trim().slice(0, 1000)));
    });
  });
  return { child, ended };
}

/**
 * Destroying the stream ends the work. The stream fails if the data can't be read to its end.
 * @param shift of the files' owners; the archive has the owners that a container sees.
 */
export async function folderTarRead(folder: string, shift: UserShift): Promise<Readable> {
  const format = ['--format=posix', '--pax-option=delete=atime,delete=ctime', '--one-file-system'];
  const words = ['--create', '--file=-', ...format];
  const { child, ended } = await spawnTar(words, folder, shift, '.');
  child.stdin.end();
  const output = new PassThrough();
  output.once('close', () => child.kill('SIGKILL'));
  child.stdout.pipe(output, { end: false });
  ended.then(
    () => output.end(),
    (error: unknown) => {
      const message = 'The volume could not be read to its end.';
      output.destroy(new EngineError('retryable', 'engine_error', message, { cause: error }));
    },
  );
  return output;
}

/**
 * @param shift of the files' owners; the archive has the owners that a container sees.
 * @throws EngineError `volume_full`, `archive_broken`; any error from reading the archive.
 */
export async function folderTarWrite(
  folder: string,
  shift: UserShift,
  tar: Readable,
): Promise<void> {
  const words = ['--extract', '--file=-', '--preserve-permissions'];
  const { child, ended } = await spawnTar(words, folder, shift);
  child.stdout.resume();
  try {
    // tar closes its input early when it fails: its own words say more then.
    await Promise.all([
      ended,
      pipeline(tar, child.stdin).catch((error: unknown) => inputFailure(error)),
    ]);
  } catch (error) {
    if (!(error instanceof HostCommandError)) throw error;
    const isFull = /no space left|disk quota/i.test(error.said);
    throw isFull
      ? new EngineError('permanent', 'volume_full', 'The volume is too small for this data.', {
          cause: error,
        })
      : new EngineError('permanent', 'archive_broken', 'The archive can not be unpacked.', {
          cause: error,
        });
  } finally {
    child.kill('SIGKILL');
    tar.destroy();
  }
}

/** @throws any error except that tar has closed its input. */
function inputFailure(error: unknown): void {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EPIPE' && code !== 'ECONNRESET') throw error;
}

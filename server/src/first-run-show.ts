import { fstatSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FirstRun, firstRunText } from './first-run.ts';

const FILE_NAME = 'first-start.txt';

/**
 * Whether systemd's journal keeps what is written to a file descriptor, for everybody who may read the journal
 * (systemd.exec(5), `JOURNAL_STREAM`).
 */
export function isJournal(descriptor: number, environment: NodeJS.ProcessEnv): boolean {
  const stream = environment['JOURNAL_STREAM'];
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(descriptor);
  return stream === `${dev}:${ino}`;
}

/**
 * @param isKept whether a log would keep what is printed. The text is then written to a file in the data folder, for its
 *   owner alone.
 * @returns what is to be printed: the account's password and the token, the file's path, or why there is no file.
 */
export function firstRunShow(
  made: FirstRun,
  { publicUrl, dataDir }: { publicUrl: string; dataDir: string },
  isKept: boolean,
): string {
  const text = firstRunText(made, publicUrl);
  if (!isKept) return text;
  const path = join(dataDir, FILE_NAME);
  try {
    // A file that was there before might be readable by others.
    rmSync(path, { force: true });
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return `\nThe account ${made.email} was created, but its password and token could not be written to ${path} (${reason}): "dollarbox-admin token-create" makes another token.\n`;
  }
  return `\nThe account ${made.email}, its password and a token are in ${path}, which only its owner can read: delete it when you have them.\n`;
}

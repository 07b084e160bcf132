import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { OperatorError } from '../base/errors.ts';
import type { BackupFile } from './manifest.ts';

/** Writes one file of a backup, compressed. The file is on the disk when this returns. */
export async function backupFileWrite(
  folder: string,
  path: string,
  content: AsyncIterable<Buffer | string>,
  signal: AbortSignal,
): Promise<BackupFile> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const hash = createHash('sha256');
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(
    content,
    createGzip({ level: 6 }),
    measure,
    createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true }),
    { signal },
  );
  return { path, bytes, sha256: hash.digest('hex') };
}

/** The content of a file of a backup. Check the file with {@link backupFileCheck} first. */
export function backupFileRead(folder: string, { path }: BackupFile): AsyncIterable<Buffer> {
  const file = createReadStream(join(folder, path));
  const content = createGunzip();
  file.on('error', (error) => content.destroy(error));
  content.on('close', () => file.destroy());
  return file.pipe(content) as AsyncIterable<Buffer>;
}

/** @throws OperatorError if a file is missing or differs from what was written. */
export async function backupFileCheck(folder: string, file: BackupFile): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(join(folder, file.path)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  } catch (error) {
    throw new OperatorError(
      `The backup is not whole: ${file.path} can't be read (${error instanceof Error ? error.message : String(error)}).`,
      { cause: error },
    );
  }
  if (bytes === file.bytes && hash.digest('hex') === file.sha256) return;
  throw new OperatorError(
    `The backup is damaged: ${file.path} is not as it was written. Take another backup.`,
  );
}

/** Gives a completely written folder its final name, and flushes both to the disk. */
export async function folderFinish(partial: string, final: string): Promise<void> {
  await folderSync(partial);
  await rename(partial, final);
  await folderSync(dirname(final));
}

async function folderSync(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

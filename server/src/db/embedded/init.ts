import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { EmbeddedAccount } from './account.ts';
import { POSTGRES_MAJOR } from './binaries.ts';
import { EMBEDDED_ROLE, INITIAL_SETTINGS } from './config.ts';
import { embeddedFailure } from './failure.ts';
import { launchPlan } from './launch.ts';
import { launchEnvironment } from './process.ts';

export interface InitRequest {
  dataFolder: string;
  logPath: string;
  account: EmbeddedAccount;
  binariesFolder: string;
  /** Set to false only in tests: nothing is flushed to the disk. */
  durable: boolean;
}

/**
 * Creates the data folder if there is none, or checks that this release can use the existing one. A new folder is
 * created under another name and renamed once it is complete, so a killed start leaves nothing half done.
 * @returns true if the folder was created.
 * @throws Error with a sentence that says what to do.
 */
export async function dataFolderEnsure(request: InitRequest): Promise<boolean> {
  const { dataFolder, account } = request;
  await removeHalfDone(dataFolder);
  if (await isUsable(dataFolder, account)) return false;
  const draft = `${dataFolder}.init-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(draft, { mode: 0o700 });
    if (account.switchTo !== null) await chown(draft, account.uid, account.gid);
    await initdb(draft, request);
    await rename(draft, dataFolder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  const parent = await open(dirname(dataFolder));
  await parent.sync();
  await parent.close();
  return true;
}

async function isUsable(dataFolder: string, account: EmbeddedAccount): Promise<boolean> {
  const names = await readdir(dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return false;
  const version = await readFile(join(dataFolder, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null) {
    throw new Error(
      `${dataFolder} holds files but no database (PG_VERSION is missing): restore a backup, or move it away`,
    );
  }
  if (version.trim() !== POSTGRES_MAJOR) {
    throw new Error(
      `the database in ${dataFolder} is of PostgreSQL ${version.trim()}, and this release brings ${POSTGRES_MAJOR}: ` +
        'start the release that made it and move the data with pg_dump, or set DATABASE_URL',
    );
  }
  const { uid } = await stat(dataFolder);
  if (uid !== account.uid) {
    throw new Error(
      `${dataFolder} belongs to user id ${uid}, and PostgreSQL would run as ${account.name} (${account.uid}): ` +
        `start as the user that made it, or run \`chown -R ${account.name} ${dataFolder}\``,
    );
  }
  return true;
}

async function initdb(draft: string, request: InitRequest): Promise<void> {
  const plan = await launchPlan({ ...request, program: 'initdb', dataFolder: draft });
  const settings = Object.entries(INITIAL_SETTINGS);
  const child = spawn(
    plan.command,
    [
      ...plan.prefix,
      ...['-D', plan.dataFolder, '-U', EMBEDDED_ROLE, '--auth=peer', '--data-checksums'],
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ...(request.durable ? [] : ['--no-sync']),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      env: launchEnvironment(),
      ...plan.as,
    },
  );
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve)),
  ]);
  if (code !== 0) throw new Error(embeddedFailure(`${out}\n${err}`, request).message);
}

async function removeHalfDone(dataFolder: string): Promise<void> {
  const parent = dirname(dataFolder);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(dataFolder)}.init-`)) continue;
    // Retried, because the initdb of a killed start may still be writing there.
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

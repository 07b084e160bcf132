import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { CliError } from './exit.ts';
import type { Io } from './io.ts';

/** An installation, and how someone is signed in there. */
export interface StoredContext {
  url: string;
  token: string;
  /** Slug of the org that commands act in, if they name none. */
  org?: string;
}

/** What is kept between two calls of the program. */
export interface Settings {
  /** The name of the context in use. */
  current: string | null;
  contexts: Record<string, StoredContext>;
}

type Place = Pick<Io, 'env' | 'homeDir'>;

/**
 * The file of the settings.
 * Source: https://specifications.freedesktop.org/basedir-spec/latest/
 */
function settingsPath({ env, homeDir }: Place): string {
  const base = env['XDG_CONFIG_HOME'] ?? '';
  // The specification says that a relative path is to be ignored.
  const folder = base.startsWith('/') ? base : join(homeDir, '.config');
  return join(folder, 'dollarbox', 'config.json');
}

/** @returns no contexts if there is no file yet. @throws CliError if it can't be read. */
export async function settingsRead(place: Place): Promise<Settings> {
  const path = settingsPath(place);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, contexts: {} };
    throw error;
  }
  try {
    const read = JSON.parse(text) as Partial<Settings>;
    return { current: read.current ?? null, contexts: { ...read.contexts } };
  } catch {
    throw new CliError('error', `The file ${path} is damaged.`, 'Remove it, and sign in again.');
  }
}

/** Replaces the file at once, readable by its owner only, since it holds tokens. */
export async function settingsWrite(place: Place, settings: Settings): Promise<void> {
  const path = settingsPath(place);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const next = `${path}.${randomUUID()}`;
  await writeFile(next, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  // Whatever the umask is.
  await chmod(next, 0o600);
  await rename(next, path);
}

/** Builds the panel if its sources changed since the last build. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processLockWait } from '@dollarbox/host/process-lock';

const run = promisify(execFile);
const FOLDER = import.meta.dirname;
const PROJECT = join(FOLDER, '..');
/** The folder of the built panel. */
export const PANEL_DIR = join(FOLDER, 'dist');
const STAMP = '.sources';
/** The sources of the build, as paths from the project's folder. */
const SOURCES = ['panel', 'client/src', 'package-lock.json'];
const NOT_SOURCES = /(^|\/)(dist|dist-next|dist-former|node_modules)(\/|$)|\.test\.ts$/;

/**
 * Ensures that `PANEL_DIR` holds a build of the current sources.
 * @param tell reports progress when this takes a while.
 * @throws Error with the output of the build.
 */
export async function panelEnsure(tell: (text: string) => void): Promise<void> {
  const hash = sourcesHash();
  if (isBuilt(hash)) return;
  const id = createHash('sha256').update(FOLDER).digest('hex').slice(0, 12);
  const lock = await processLockWait(join(tmpdir(), `dollarbox-panel-${id}.lock`), (holder) =>
    tell(`Waiting for another start (pid ${holder.pid}), which is building the panel …`),
  );
  try {
    if (isBuilt(hash)) return;
    tell(
      existsSync(PANEL_DIR)
        ? 'Building the panel again, since its sources have changed …'
        : 'Building the panel …',
    );
    await build(hash);
  } finally {
    lock.release();
  }
}

/** Replaces the old build only once the new one is complete. */
async function build(hash: string): Promise<void> {
  const next = join(FOLDER, 'dist-next');
  const vite = join(PROJECT, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(FOLDER, 'vite.config.ts');
  const args = [vite, 'build', '--config', config, '--outDir', next, '--emptyOutDir'];
  try {
    await run(process.execPath, [...args, '--logLevel', 'warn'], {
      cwd: FOLDER,
      env: { ...process.env, NODE_ENV: 'production' },
    });
  } catch (error) {
    const { stderr, stdout } = error as { stderr?: string; stdout?: string };
    throw new Error(`The panel could not be built:\n${stderr ?? ''}${stdout ?? ''}`, {
      cause: error,
    });
  }
  writeFileSync(join(next, STAMP), hash);
  // Both at once, nearly: a server that starts meanwhile should find one of them.
  const former = `${PANEL_DIR}-former`;
  rmSync(former, { recursive: true, force: true });
  if (existsSync(PANEL_DIR)) renameSync(PANEL_DIR, former);
  renameSync(next, PANEL_DIR);
  rmSync(former, { recursive: true, force: true });
}

function isBuilt(hash: string): boolean {
  const stamp = join(PANEL_DIR, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap(filesOf).toSorted()) {
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(PROJECT, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (path.includes('.')) return [path];
  return readdirSync(join(PROJECT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length + 1))
    .filter((file) => !NOT_SOURCES.test(file));
}

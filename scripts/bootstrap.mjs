/**
 * Prepares what `npm start` and `npm test` need before TypeScript can run: the packages, including the project's own
 * Node. Plain JavaScript that Node 20 runs and older versions can at least parse.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { libraryEnsure } from './node-library.mjs';
import { processLockWait } from '../host/src/process-lock.mjs';

const NODE_MAJOR_MIN = 20;
const PROGRESS_EVERY_MS = 10_000;
const SAME_SIGNAL_MS = 500;
const PARENT_POLL_MS = 250;
const OFFLINE =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT)\b/;

/** Read early, because it changes when the parent exits. */
const parentPid = process.ppid;

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** An error whose message is all that the user needs. */
export class BootstrapError extends Error {}

/**
 * Makes sure that the packages of package-lock.json are installed, then runs a program with the project's own Node.
 * Never returns: exits with the program's exit code, or with 1 and one sentence.
 * @param {readonly string[]} nodeArguments flags, program and its arguments.
 */
export async function runInstalled(nodeArguments) {
  try {
    nodeVersionCheck(process.versions.node);
    await installEnsure(projectFolder);
    nodeRunsCheck(nodePath(projectFolder));
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
  runForwarding(nodePath(projectFolder), nodeArguments);
}

/** @param {string} version */
export function nodeVersionCheck(version) {
  if (Number(version.split('.')[0]) >= NODE_MAJOR_MIN) return;
  throw new BootstrapError(
    `Node ${version} is too old: install Node ${NODE_MAJOR_MIN} or newer (it only starts the project's own Node).`,
  );
}

/** @param {string} path of the project's own Node. */
function nodeRunsCheck(path) {
  const { status, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  const reason = error?.message ?? String(stderr).trim().split('\n').at(-1);
  throw new BootstrapError(
    `The project's own Node does not run on this machine (${reason}): it needs a 64-bit Linux or macOS, ` +
      'with glibc 2.28 or newer and libatomic on Linux.',
  );
}

/** @param {string} folder */
export function nodePath(folder) {
  return join(folder, 'node_modules', '.bin', 'node');
}

/**
 * Installs the packages unless the last complete installation was from this very lock file.
 * @param {string} folder the project's folder.
 * @param {(text: string) => void} tell
 */
export async function installEnsure(folder, tell = (text) => process.stderr.write(`${text}\n`)) {
  if (isInstalled(folder)) return;
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const lock = await processLockWait(join(tmpdir(), `dollarbox-install-${hash}.lock`), (holder) =>
    tell(`Waiting for another start (pid ${holder.pid}), which is installing packages …`),
  );
  try {
    if (isInstalled(folder)) return;
    rmSync(stampPath(folder), { force: true });
    await install(folder, tell);
    writeFileSync(stampPath(folder), stampOf(folder));
  } finally {
    lock.release();
  }
}

/** @param {string} folder */
function isInstalled(folder) {
  if (!existsSync(nodePath(folder))) return false;
  const stamp = stampOf(folder);
  if (existsSync(stampPath(folder)) && readFileSync(stampPath(folder), 'utf8') === stamp)
    return true;
  if (!isInstalledByNpm(folder)) return false;
  writeFileSync(stampPath(folder), stamp);
  return true;
}

/**
 * Whether a manual `npm install` was complete: npm records what it has installed when it is done. This saves people who
 * work on the project a second installation.
 * @param {string} folder
 */
function isInstalledByNpm(folder) {
  const notePath = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(notePath)) return false;
  try {
    const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
    const there = JSON.parse(readFileSync(notePath, 'utf8')).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (!path.startsWith('node_modules/')) return true;
      const found = there[path];
      if (found === undefined) return entry.optional === true;
      return found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

/** @param {string} folder */
function stampPath(folder) {
  return join(folder, 'node_modules', '.dollarbox-lock');
}

/** @param {string} folder */
function stampOf(folder) {
  const lock = readFileSync(join(folder, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
}

/**
 * @param {string} folder
 * @param {(text: string) => void} tell
 */
async function install(folder, tell) {
  // First, because install scripts of packages already run on that Node.
  const advice = libraryEnsure(tell);
  if (advice !== null) throw new BootstrapError(advice);
  tell('Installing packages, its own Node and PostgreSQL among them (some 200 MB, once) …');
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const timer = setInterval(() => tell(`  … still installing (${seconds()} s)`), PROGRESS_EVERY_MS);
  const { code, output } = await npmCi(folder).finally(() => clearInterval(timer));
  if (code !== 0) {
    if (OFFLINE.test(output)) {
      throw new BootstrapError(
        'The packages could not be fetched: no npm registry answers. ' +
          'Connect to the internet, or set up a registry or proxy for npm, and start again.',
      );
    }
    throw new BootstrapError(
      `npm ci failed (exit code ${code}); what it said is above. Start again once that is solved.`,
    );
  }
  if (!existsSync(nodePath(folder))) {
    throw new BootstrapError(
      "The project's own Node is not there after the installation: npm seems told not to run install scripts. " +
        'Run `npm config set ignore-scripts false` and start again.',
    );
  }
  tell(`Installed in ${seconds()} s.`);
}

/** @param {string} folder */
async function npmCi(folder) {
  const { npm_execpath: npm = '' } = process.env;
  const [command, ...first] = basename(npm) === 'npm-cli.js' ? [process.execPath, npm] : ['npm'];
  // Development packages too, regardless of NODE_ENV: the project's own Node is one of them.
  const flags = [
    'ci',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const child = spawn(command, [...first, ...flags], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output = (output + data).slice(-65_536);
      process.stderr.write(data);
    });
  }
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(-1);
    });
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal));
  });
  return { code, output };
}

/**
 * Runs a program to its end and exits as it did. The program gets a session of its own. A terminal's Ctrl-C goes to
 * every process in the foreground, so this way the program receives it only once: from here. npm also forwards the same
 * signal, so a second one within moments is treated as the same one.
 * @param {string} command
 * @param {readonly string[]} args
 */
export function runForwarding(command, args) {
  // After a plain `su`, root has no sbin in its path, but apt-get, useradd and dockerd need it.
  const PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
  const env = { ...process.env, PATH };
  const child = spawn(command, args, { stdio: 'inherit', detached: true, env });
  const seen = new Map();
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => {
    const handler = () => {
      const now = performance.now();
      const last = seen.get(signal) ?? -Infinity;
      seen.set(signal, now);
      if (now - last > SAME_SIGNAL_MS) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  if (process.env.npm_lifecycle_event !== undefined) {
    // A signal to npm alone ends only npm and the shell between npm and this process.
    const timer = setInterval(() => {
      if (process.ppid === parentPid) return;
      clearInterval(timer);
      child.kill('SIGTERM');
    }, PARENT_POLL_MS);
    timer.unref();
  }
  child.on('error', (error) => {
    process.stderr.write(`${command}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const { signal: name, handler } of handlers) process.off(name, handler);
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

/**
 * What a test run leaves on the machine, and how to find it again: a folder `dollarbox-test-<id>` in the temporary
 * folder, processes whose environment holds `DOLLARBOX_TEST_RUN=<id>`, databases and Docker objects named after it.
 * A run that was killed is recognised by the lock in its folder, and its remains are removed by the next one.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { type ProcessLock, processLockAcquire } from '@dollarbox/host/process-lock';

export const TEST_RUN_VARIABLE = 'DOLLARBOX_TEST_RUN';
/** The parent folder of run folders. Test files get a different temporary folder from the runner. */
const RUNS_FOLDER_VARIABLE = 'DOLLARBOX_TEST_RUNS';
const FOLDER_PREFIX = 'dollarbox-test-';
const END_GRACE_MS = 3_000;
const POLL_MS = 25;

export interface TestRun {
  /** 16 hex digits; the first six identify this machine. */
  id: string;
  /** For files that live as long as the run. A short path, because sockets are put below it. */
  folder: string;
  /** Removes the folder and ends the run. {@link testRunProcessesEnd} ends its processes. */
  end(): void;
}

/** The part of every run's id that identifies this machine. */
export function testRunMachine(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 6);
}

/** Starts a run: child processes inherit its mark. */
export function testRunBegin(): TestRun {
  const id = testRunMachine() + randomBytes(5).toString('hex');
  const folder = testRunFolder(id);
  // Other users may pass through but not list it: tests also run as other users.
  mkdirSync(folder);
  chmodSync(folder, 0o711);
  const lock = lockOf(folder);
  if (lock === null) throw new Error(`the new folder ${folder} is already in use`);
  process.env[TEST_RUN_VARIABLE] = id;
  process.env[RUNS_FOLDER_VARIABLE] = runsFolder();
  return {
    id,
    folder,
    end() {
      lock.release();
      testRunFolderRemove(id);
    },
  };
}

export function testRunFolder(id: string): string {
  return join(runsFolder(), `${FOLDER_PREFIX}${id}`);
}

/** Removes a run's folder, including what a killed Docker daemon of a test left mounted in it. */
export function testRunFolderRemove(id: string): void {
  folderRemove(testRunFolder(id));
}

function runsFolder(): string {
  return process.env[RUNS_FOLDER_VARIABLE] ?? tmpdir();
}

/** Whether the run's process is alive. A run without a folder has ended. */
export function testRunIsAlive(id: string): boolean {
  const folder = testRunFolder(id);
  if (!existsSync(folder)) return false;
  const lock = lockOf(folder);
  lock?.release();
  return lock === null;
}

/** Ids of this user's killed runs, from the folders that they left. */
export function testRunsDead(): string[] {
  const ids = readdirSync(runsFolder())
    .filter((name) => name.startsWith(`${FOLDER_PREFIX}${testRunMachine()}`))
    .map((name) => name.slice(FOLDER_PREFIX.length));
  return ids.filter((id) => isOwn(id) && !testRunIsAlive(id));
}

function isOwn(id: string): boolean {
  const found = statSync(testRunFolder(id), { throwIfNoEntry: false });
  return found !== undefined && found.uid === process.getuid?.();
}

/**
 * Ends every process of the run except this one and its ancestors, first with SIGTERM, then with SIGKILL.
 * @returns the command names of the processes found.
 */
export async function testRunProcessesEnd(id: string): Promise<string[]> {
  const found = testRunProcesses(id);
  for (const { pid } of found) signal(pid, 'SIGTERM');
  const deadline = performance.now() + END_GRACE_MS;
  while (testRunProcesses(id).length > 0) {
    if (performance.now() > deadline) {
      for (const { pid } of testRunProcesses(id)) signal(pid, 'SIGKILL');
    }
    await delay(POLL_MS);
  }
  for (const { socketFolder } of found) {
    if (socketFolder !== undefined) rmSync(socketFolder, { recursive: true, force: true });
  }
  return found.map(({ command }) => command);
}

interface FoundProcess {
  pid: number;
  command: string;
  /** The socket folder of an embedded PostgreSQL, which is outside the run's folder. */
  socketFolder: string | undefined;
}

function testRunProcesses(id: string): FoundProcess[] {
  const mark = `${TEST_RUN_VARIABLE}=${id}`;
  const own = ancestry();
  const found: FoundProcess[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || own.has(pid)) continue;
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)) continue;
      const command = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const socketFolder = /\0unix_socket_directories=([^\0]+\/dollarbox-[0-9a-f]{8})\0/.exec(
        line,
      )?.[1];
      found.push({ pid, command, socketFolder });
    } catch {
      // It has just ended, or belongs to another user.
    }
  }
  return found;
}

function ancestry(): Set<number> {
  const pids = new Set<number>();
  for (let pid = process.pid; pid > 1 && !pids.has(pid);) {
    pids.add(pid);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  }
  return pids;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}

function lockOf(folder: string): ProcessLock | null {
  const lock = processLockAcquire(join(folder, 'run.lock'));
  return 'holder' in lock ? null : lock;
}

/**
 * Records that tests of this run create engine objects under an installation id, so that they are found if it is killed.
 * Without a run (a test file run directly) nothing is recorded.
 */
export function testInstallationNote(installationId: string): void {
  const id = process.env[TEST_RUN_VARIABLE];
  if (id !== undefined) appendFileSync(installationsPath(id), `${installationId}\n`);
}

/** The installation ids recorded in a run. */
export function testInstallations(id: string): string[] {
  const path = installationsPath(id);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

function installationsPath(id: string): string {
  return join(testRunFolder(id), 'installations');
}

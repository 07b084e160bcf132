import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestLine } from './test-events.ts';

const REPORTER = fileURLToPath(new URL('./test-events.ts', import.meta.url));
const OUTPUT_BYTES_MAX = 64 * 1024;
const PROGRESS_POLL_MS = 500;

export interface TestFileOptions {
  /** The project's folder; `file` is a path relative to it. */
  folder: string;
  file: string;
  /** A path in an existing folder, for the events that the file's process reports. */
  eventsPath: string;
  /**
   * How long the file may go without a test that starts or ends. Since it measures the file's own progress, a file of
   * many tests may take as long as it needs on a slow machine, and one that hangs is still ended.
   */
  stallMs: number;
  /** Flags for Node that come before the file, such as `--test-name-pattern=…`. */
  nodeFlags: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Ends the file's processes when aborted. */
  signal: AbortSignal;
}

export type TestOutcome = Extract<TestLine, { kind: 'pass' | 'fail' | 'skip' }>;

export interface TestFileResult {
  file: string;
  ms: number;
  /** The number of tests that ended. */
  lines: TestOutcome[];
  /** Why the file as a whole failed, apart from its tests: it crashed, hung or contains no test; else null. */
  fault: string | null;
  /** The end of its output. */
  output: string;
}

/** Runs one test file in a process group of its own, then kills what is left of the group. */
export async function testFileRun(options: TestFileOptions): Promise<TestFileResult> {
  const { file, folder, eventsPath, stallMs, signal } = options;
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      `--test-reporter=${REPORTER}`,
      `--test-reporter-destination=${eventsPath}`,
      ...options.nodeFlags,
      file,
    ],
    { cwd: folder, env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output = (output + text).slice(-OUTPUT_BYTES_MAX)));
  }
  let isStalled = false;
  const groupKill = () => killGroup(child.pid);
  const stopWatching = stallWatch(eventsPath, stallMs, () => {
    isStalled = true;
    groupKill();
  });
  signal.addEventListener('abort', groupKill, { once: true });
  if (signal.aborted) groupKill();
  // Its streams close only once the last process that inherited them is gone.
  child.on('exit', groupKill);
  const ended = await new Promise<string | null>((resolve) => {
    child.on('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.on('close', (code, by) => resolve(code === 0 ? null : `exit ${by ?? code}`));
  });
  stopWatching();
  signal.removeEventListener('abort', groupKill);

  const events = eventsRead(eventsPath);
  const lines = events.filter(isOutcome);
  const fault = isStalled
    ? `no test started or ended for ${stallMs / 1000} s; ${unfinished(events)}`
    : faultOf(ended, events, lines);
  return { file, ms: performance.now() - startedAt, lines, fault, output };
}

/**
 * Calls `stalled` once if nothing was added to the file of events for that long.
 * @returns a function that stops watching.
 */
function stallWatch(eventsPath: string, stallMs: number, stalled: () => void): () => void {
  let size = 0;
  let grewAt = performance.now();
  const timer = setInterval(() => {
    const sizeNow = statSync(eventsPath, { throwIfNoEntry: false })?.size ?? 0;
    if (sizeNow !== size) {
      size = sizeNow;
      grewAt = performance.now();
    } else if (performance.now() - grewAt > stallMs) {
      clearInterval(timer);
      stalled();
    }
  }, PROGRESS_POLL_MS);
  return () => clearInterval(timer);
}

function faultOf(ended: string | null, events: TestLine[], lines: TestOutcome[]) {
  if (ended !== null && !lines.some(({ kind }) => kind === 'fail')) {
    return `it ended with ${ended}; ${unfinished(events)}`;
  }
  if (events.length === 0) return 'it contains no test';
  if (!events.some(({ kind }) => kind === 'done')) {
    return `it ended before its tests did; ${unfinished(events)}`;
  }
  return lines.length === 0 ? 'it contains no test' : null;
}

function isOutcome(line: TestLine): line is TestOutcome {
  return line.kind === 'pass' || line.kind === 'fail' || line.kind === 'skip';
}

function unfinished(events: readonly TestLine[]): string {
  const key = ({ name, nesting }: { name: string; nesting: number }) => `${nesting} ${name}`;
  const ended = new Set(
    events.flatMap((line) => (line.kind === 'start' || line.kind === 'done' ? [] : [key(line)])),
  );
  const running = events.flatMap((line) =>
    line.kind === 'start' && !ended.has(key(line)) ? [line] : [],
  );
  if (running.length === 0) return 'no test was running';
  return `still running: ${running.map(({ name }) => name).join(' › ')}`;
}

function eventsRead(path: string): TestLine[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  rmSync(path);
  // A killed process may have written an incomplete line.
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TestLine);
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group has no processes left.
  }
}

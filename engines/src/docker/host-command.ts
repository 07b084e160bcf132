/** Runs this machine's own programs, as root's path has them. */
import { spawn } from 'node:child_process';

/** All that is known of why it failed; for operators. */
export class HostCommandError extends Error {
  /** What it wrote to stderr, the first kilobyte. */
  readonly said: string;
  /** The exit code; null when it was killed or could not be run. */
  readonly code: number | null;

  constructor(program: string, code: number | null, said: string, options?: { cause?: unknown }) {
    super(`${program} failed (${code ?? 'no exit code'}): ${said}`, options);
    this.name = 'HostCommandError';
    this.said = said;
    this.code = code;
  }
}

/** What programs are run with: messages in English, and where a distribution keeps root's programs. */
export function hostEnvironment(): Record<string, string> {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

/**
 * @returns what it wrote to stdout, which must be little.
 * @throws HostCommandError; the signal's reason when that is why it ended.
 */
export async function runHostCommand(
  program: string,
  words: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: hostEnvironment(),
    signal,
  });
  let [output, said] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once('error', (error) => reject(new HostCommandError(program, null, error.message)));
  child.once('close', (code) => {
    if (code === 0) resolve();
    else reject(new HostCommandError(program, code, said.trim().slice(0, 1000)));
  });
  try {
    await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return output;
}

/** Runs this machine's own programs, found through root's path. */
import { spawn } from 'node:child_process';

/** Everything that is known about the failure; for operators. */
export class HostCommandError extends Error {
  /** The first kilobyte of its stderr. */
  readonly said: string;
  /** The exit code; null if it was killed or could not be run. */
  readonly code: number | null;

  constructor(program: string, code: number | null, said: string, options?: { cause?: unknown }) {
    super(`${program} failed (${code ?? 'no exit code'}): ${said}`, options);
    this.name = 'HostCommandError';
    this.said = said;
    this.code = code;
  }
}

/** The environment for programs: English messages, and the folders where distributions keep root's programs. */
export function hostEnvironment(): Record<string, string> {
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
}

/**
 * @returns its stdout, which must be short.
 * @throws HostCommandError; the signal's reason if the signal ended it.
 */
export async function hostCommandRun(
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

import { once } from 'node:events';
import type { CommandContext } from '@stricli/core';

type Output = NodeJS.WritableStream & { isTTY?: boolean };

/** Everything that the program reads and writes around it. */
export interface Io {
  env: Readonly<Record<string, string | undefined>>;
  homeDir: string;
  platform: NodeJS.Platform;
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  /** Data, and nothing else. */
  stdout: Output;
  /** What is said about it: progress, questions, errors. */
  stderr: Output;
  /** Aborted when the person interrupts. */
  signal: AbortSignal;
}

/** What a command is called with. */
export interface CliContext extends CommandContext {
  readonly io: Io;
}

/** Whether the person can be asked something. */
export function isInteractive({ stdin, stderr }: Io): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * Whether an output takes colours.
 * Source: https://no-color.org
 */
export function hasColor({ env }: Pick<Io, 'env'>, { isTTY }: Output): boolean {
  return isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/** Reads all of the standard input. */
export async function stdinRead({ stdin }: Pick<Io, 'stdin'>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** Writes, and waits while the reader is slower. */
export async function outputWrite(
  { signal }: Pick<Io, 'signal'>,
  output: Output,
  text: string,
): Promise<void> {
  if (output.write(text)) return;
  await once(output, 'drain', { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
}

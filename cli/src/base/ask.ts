import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from './exit.ts';
import { type Io, isInteractive } from './io.ts';

/** Asks for a line on the terminal. @throws Interrupted when the person interrupts. */
async function lineAsk({ stdin, stderr, signal }: Io, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr, terminal: true });
  // The terminal is in raw mode meanwhile, so Ctrl-C is no signal but a key.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await lines.question(question, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lines.close();
  }
}

interface Destruction {
  /** What will happen, as a sentence. */
  what: string;
  /** Must be typed, since data is lost; without it, `y` suffices. */
  name?: string;
}

/**
 * Asks whether to destroy something.
 * @throws CliError if the person says no, or nobody can be asked.
 */
export async function destructionConfirm(
  io: Io,
  isConfirmed: boolean | undefined,
  { what, name }: Destruction,
): Promise<void> {
  if (isConfirmed === true) return;
  if (!isInteractive(io)) {
    throw new CliError('usage', `${what} Nobody can be asked here.`, 'Pass --yes to do it.');
  }
  const question = name === undefined ? 'Go on? [y/N] ' : `Type ${name} to go on: `;
  const answer = (await lineAsk(io, `${what}\n${question}`)).trim();
  const isYes = name === undefined ? /^y(es)?$/i.test(answer) : answer === name;
  if (!isYes) throw new CliError('error', 'Nothing was done.');
}

/** Asks for a secret, which is not shown. @throws CliError if nobody can be asked. */
export async function secretAsk(io: Io, question: string, flag: string): Promise<string> {
  if (!isInteractive(io)) {
    throw new CliError('usage', `${question} is missing.`, `Pass it with ${flag}.`);
  }
  io.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return await lineAsk({ ...io, stderr: silent }, '');
  } finally {
    io.stderr.write('\n');
  }
}

import { ExitCode, proposeCompletions, run } from '@stricli/core';
import { application } from './app.ts';
import { EXIT } from './base/exit.ts';
import { type CliContext, type Io, hasColor } from './base/io.ts';
import { COMPLETE } from './commands/completion.ts';

/** What the parser of arguments ends with if the person has mistyped something. */
const MISTYPED = new Set<unknown>([ExitCode.UnknownCommand, ExitCode.InvalidArgument]);

/**
 * Runs a command.
 * @param args without the name of the program.
 * @returns the exit code.
 */
export async function cliRun(args: readonly string[], io: Io): Promise<number> {
  const isColored = hasColor(io, io.stderr);
  const process = {
    stdout: { write: (text: string) => void io.stdout.write(text) },
    stderr: { write: (text: string) => void io.stderr.write(text) },
    env: { ...io.env, ...(isColored ? {} : { STRICLI_NO_COLOR: '1' }) },
    exitCode: null as number | string | null,
  };
  const context: CliContext & { process: typeof process } = { process, io };
  const [first, ...rest] = args;
  if (first === COMPLETE) {
    for (const { completion, brief } of await proposeCompletions(application, rest, context)) {
      io.stdout.write(`${completion}\t${brief}\n`);
    }
    return EXIT.ok;
  }
  await run(application, args, context);
  return MISTYPED.has(process.exitCode) ? EXIT.usage : Number(process.exitCode);
}

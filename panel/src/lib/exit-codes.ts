/** What the exit codes mean that shells and the kernel give; programs choose the others themselves. */
const MEANINGS: Readonly<Record<number, string>> = {
  0: 'The program ended without an error. A container is meant to keep running: start it in the foreground.',
  126: 'The command was found but can’t be executed: check its permissions and the image’s architecture.',
  127: 'The command was not found: check the command and whether the image contains it.',
  134: 'The program aborted itself (SIGABRT).',
  137: 'The program was killed (SIGKILL), often because it ran out of memory.',
  139: 'The program accessed memory that is not its own (SIGSEGV): a bug in it, or an image for another architecture.',
  143: 'The program was asked to end (SIGTERM).',
};

/** The exit code that the sentence of a status contains; null if there is none. */
export function exitCodeOf(message: string | null): number | null {
  const [, digits] = /^The process exited with code (\d+)\b/.exec(message ?? '') ?? [];
  return digits === undefined ? null : Number(digits);
}

/** What an exit code means, in a sentence; null if only the program knows. */
export function exitCodeText(code: number): string | null {
  return MEANINGS[code] ?? null;
}

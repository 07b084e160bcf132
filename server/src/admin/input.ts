import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { CommandInput } from './command.ts';

/** Reads from a pipe, or from a person at a terminal without echo. */
export function inputFrom(
  stdin: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>,
  tell: (text: string) => void,
): CommandInput {
  return {
    async lineRead(prompt) {
      const isTerminal = stdin.isTTY === true;
      if (isTerminal) tell(prompt);
      // readline echoes typed text to its output and turns off the terminal's own echo: this output shows nothing.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: stdin, output: nowhere, terminal: isTerminal });
      try {
        return await new Promise((resolve) => {
          lines.once('line', resolve);
          lines.once('close', () => resolve(''));
          lines.once('SIGINT', () => lines.close());
        });
      } finally {
        lines.close();
        if (isTerminal) tell('\n');
      }
    },
  };
}

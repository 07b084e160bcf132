import type { Io } from './io.ts';
import { printableLine } from './printable.ts';

/** What is under way, on the standard error: one line that is rewritten on a terminal, else a line for each change. */
export interface Progress {
  show(text: string): void;
  end(): void;
}

const REFRESH_MS = 1000;

export function progressStart({ stderr }: Pick<Io, 'stderr'>, text: string): Progress {
  const isTerminal = stderr.isTTY === true;
  const begunAt = performance.now();
  let shown = '';
  let current = '';

  function draw(): void {
    const seconds = Math.round((performance.now() - begunAt) / 1000);
    stderr.write(`\r\u001B[K${printableLine(current)} (${seconds} s)`);
  }

  function show(text: string): void {
    current = text;
    if (isTerminal) draw();
    else if (text !== shown) stderr.write(`${printableLine(text)}\n`);
    shown = text;
  }

  show(text);
  let timer = isTerminal ? setInterval(draw, REFRESH_MS) : null;
  return {
    show,
    end() {
      if (timer === null) return;
      clearInterval(timer);
      timer = null;
      stderr.write('\r\u001B[K');
    },
  };
}

/**
 * A reporter for node:test that runs inside each test file's process and writes events as lines of JSON, for
 * test-file.ts. If all tests are done but something that the file opened keeps its process alive, it also ends the
 * process.
 */
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** One line of the file. */
export type TestLine =
  | { kind: 'start'; name: string; nesting: number }
  /** A suite, or a test whose subtests failed. The subtests were reported individually. */
  | { kind: 'end'; name: string; nesting: number }
  | { kind: 'pass' | 'skip'; name: string; nesting: number; ms: number; reason?: string }
  | { kind: 'fail'; name: string; nesting: number; ms: number; error: string; at: string }
  /** The last line of a file that ran to its end. */
  | { kind: 'done' };

/** How long hooks that clean up after the last test may take, even on a slow, busy machine. */
const IDLE_MS = 300_000;

export default async function* testEvents(
  source: AsyncIterable<TestEvent>,
): AsyncGenerator<string> {
  let unfinished = 0;
  let finished = 0;
  let idle: NodeJS.Timeout | undefined;
  for await (const event of source) {
    if (event.type === 'test:enqueue' && event.data.nesting === 0) unfinished++;
    if (event.type === 'test:complete' && event.data.nesting === 0) {
      unfinished--;
      finished++;
    }
    clearTimeout(idle);
    if (unfinished === 0 && finished > 0) idle = setTimeout(endStuck, IDLE_MS).unref();
    const line = lineOf(event);
    if (line !== null) yield `${JSON.stringify(line)}\n`;
  }
  clearTimeout(idle);
  yield `${JSON.stringify({ kind: 'done' } satisfies TestLine)}\n`;
}

function endStuck(): void {
  const resources = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(
    `the tests are done, and the file does not end: still open are ${resources}\n`,
  );
  process.exit(1);
}

function lineOf(event: TestEvent): TestLine | null {
  if (event.type === 'test:dequeue') {
    return { kind: 'start', name: event.data.name, nesting: event.data.nesting };
  }
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return null;
  const { name, nesting, skip, todo, details } = event.data;
  const common = { name, nesting, ms: Math.round(details.duration_ms) };
  const given = skip ?? todo;
  if (given !== undefined && given !== false) {
    const reason = typeof given === 'string' && given !== '' ? given : 'no reason given';
    return { kind: 'skip', ...common, reason };
  }
  if (event.type === 'test:pass')
    return { kind: details.type === 'suite' ? 'end' : 'pass', ...common };
  const { error } = event.data.details;
  if ('failureType' in error && error.failureType === 'subtestsFailed')
    return { kind: 'end', ...common };
  const at = `${event.data.file ?? ''}:${event.data.line ?? 0}`;
  const cause: unknown = error.cause ?? error;
  return { kind: 'fail', ...common, at, error: typeof cause === 'string' ? cause : inspect(cause) };
}

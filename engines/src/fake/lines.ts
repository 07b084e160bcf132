/** The access verbs of the fake engine. */
import { EngineError } from '../contract.ts';
import type { ContainerUsage, LogLine, LogPart, LogRange } from '../contract.ts';
import type { FakeContainer, FakeLine } from './containers.ts';

type Own = (ref: string) => FakeContainer | undefined;
/** Runs an effect as a verb, with its faults and delays. */
type Verb = <T>(effect: () => T) => Promise<T>;

const BASE_MEMORY_BYTES = 1_048_576;

function lineShow({ number, stream, text, writtenAtMs }: FakeLine): LogLine {
  const at = new Date(writtenAtMs).toISOString();
  return { position: String(number), at, stream, text, isCut: false };
}

function required(container: FakeContainer | undefined): FakeContainer {
  if (container !== undefined) return container;
  const message = 'The engine does not have this container any more.';
  throw new EngineError('not_found', 'container_missing', message);
}

function rangeRead(container: FakeContainer, { after, tail }: LogRange): LogPart {
  const { output } = container;
  if (after === undefined) {
    if (tail !== undefined)
      return { lines: output.slice(Math.max(0, output.length - tail)).map(lineShow) };
    const lines = output.map(lineShow);
    return output.length < container.written ? { lines, hasGap: true } : { lines };
  }
  const from = Number(after) + 1;
  const lines = output.filter(({ number }) => number >= from).map(lineShow);
  const oldest = output[0]?.number ?? container.written;
  return oldest > from ? { lines, hasGap: true } : { lines };
}

export async function* linesRead(
  verb: Verb,
  own: Own,
  ref: string,
  range: LogRange,
): AsyncGenerator<LogPart> {
  yield await verb(() => rangeRead(required(own(ref)), range));
}

export async function* linesFollow(
  verb: Verb,
  own: Own,
  ref: string,
  after: string | null,
  signal: AbortSignal,
): AsyncGenerator<LogPart> {
  const container = await verb(() => required(own(ref)));
  let wake = () => {};
  const onChange = () => wake();
  container.followers.add(onChange);
  signal.addEventListener('abort', onChange);
  let position = after;
  try {
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const part = rangeRead(container, position === null ? {} : { after: position });
      position = part.lines.at(-1)?.position ?? position;
      if (part.lines.length > 0) yield part;
      else if (container.state !== 'running' && container.state !== 'paused') return;
      else await woken;
    }
  } finally {
    container.followers.delete(onChange);
    signal.removeEventListener('abort', onChange);
  }
}

/** A running container uses what is certain about it, and nothing else is known. */
export function usageOf(found: FakeContainer | undefined): ContainerUsage {
  const container = required(found);
  const isRunning = container.state === 'running' || container.state === 'paused';
  return {
    memoryBytes: isRunning ? BASE_MEMORY_BYTES : null,
    memoryLimitBytes: null,
    cpuSeconds: null,
    networkReceivedBytes: null,
    networkSentBytes: null,
    processes: isRunning ? 1 : null,
    diskBytes: null,
  };
}

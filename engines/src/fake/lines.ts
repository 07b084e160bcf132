/** The access verbs of the fake engine. */
import { EngineError } from '../contract.ts';
import type { ContainerUsage, LogFrom, LogLine, LogPart, LogRange, LogRun } from '../contract.ts';
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

/** As a kubelet does, an engine that restarts processes has the lines of the last two runs. */
const RUNS_LEFT = 2;

/** What is left of the run that is asked for. @throws EngineError `run_missing` */
function outputOf(container: FakeContainer, run: LogRun | undefined): FakeLine[] {
  const { output, runStarts, hasLog } = container;
  if (run === undefined) return hasLog ? output : [];
  const [number] = [...runStarts].findLast(([, startedAtMs]) => startedAtMs === +run) ?? [0];
  if (!hasLog || number <= container.run - RUNS_LEFT) {
    const message = 'The engine does not have the lines of this run any more.';
    throw new EngineError('not_found', 'run_missing', message);
  }
  return output.filter((line) => line.run === number);
}

function rangeRead(container: FakeContainer, { after, tail, run }: LogRange): LogPart {
  const output = outputOf(container, run);
  const [oldestLeft] = container.output;
  if (after === undefined) {
    if (tail !== undefined)
      return { lines: output.slice(Math.max(0, output.length - tail)).map(lineShow) };
    const lines = output.map(lineShow);
    const isCut = (oldestLeft?.number ?? 0) > 0 && (output[0] ?? oldestLeft) === oldestLeft;
    return container.hasLog && isCut ? { lines, hasGap: true } : { lines };
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
  { after, run }: LogFrom,
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
      const range = position === null ? {} : { after: position };
      const part = rangeRead(container, { ...range, ...(run && { run }) });
      position = part.lines.at(-1)?.position ?? position;
      const isUp = container.state === 'running' || container.state === 'paused';
      const isLatest = run === undefined || container.startedAtMs === +run;
      if (part.lines.length > 0) yield part;
      else if (!isUp || !isLatest) return;
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

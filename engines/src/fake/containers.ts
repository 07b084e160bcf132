/** The containers of a fake world and the lives of their processes. */
import type {
  ContainerExits,
  ContainerListing,
  ContainerObservation,
  ContainerObstacle,
  ContainerSpec,
  ContainerWarning,
  Engine,
  LogLine,
  LogOptions,
} from '../contract.ts';
import { containerSpecHash, EngineError } from '../contract.ts';
import type { FakeClock } from './clock.ts';
import { processScript } from './image.ts';
import type { FakeImage, ProcessScript } from './image.ts';
import type { FakeVolume } from './volume.ts';

const MAX_OUTPUT_LINES = 1000;
/** How much of the output an engine that restarts processes keeps with an exit. */
const EXIT_LINES = 10;
const EXIT_BYTES = 2000;
/** The exit code of a process that could not be started. */
const START_FAILED = 128;

export interface FakeContainer {
  ref: string;
  installationId: string;
  spec: ContainerSpec;
  specHash: string;
  image: FakeImage;
  state: ContainerObservation['state'];
  connected: boolean;
  createdAtMs: number;
  /** null: none was assigned yet. */
  address: string | null;
  startedAtMs: number | null;
  /** Every exit of its processes, and every failed start by the engine itself. */
  exits: number;
  lastExit: FakeExit | null;
  startError: string | null;
  /** Why an engine that restarts processes does not run it, as it says itself. */
  obstacle: ContainerObstacle | null;
  /** null: this world's engines can't tell. */
  warnings: ContainerWarning[] | null;
  /** How many times it was started. */
  run: number;
  /** When each run was started, in milliseconds, by its number. */
  runStarts: Map<number, number>;
  script: ProcessScript;
  output: FakeLine[];
  /** Whether its output can still be read. An engine may remove the log of an ended process before the object. */
  hasLog: boolean;
  /** How many lines it has written, those that are no longer kept included. */
  written: number;
  /** Called when it has written, and when its process has ended. */
  followers: Set<() => void>;
  /** Cancels the process's scheduled end. */
  cancelEnd: (() => void) | null;
  /** Containers that wait for this one's name and are notified when it ends. */
  nameWaiters: Set<number> | null;
  /** What an earlier version let the engine keep for the image's `VOLUME`s, by path. */
  unnamed?: ReadonlyMap<string, FakeVolume>;
  /** Its end fell due, or was requested, while it was paused. It takes effect on unpausing. */
  endsWith: { exitCode: number; outOfMemory: boolean } | null;
  /** Cancels its scheduled start by the engine. */
  cancelStart: (() => void) | null;
  /** Exits in a row, from which the engine's delay before a restart results. */
  failures: number;
  /** It was asked to end for good: the engine does not start it again. */
  isEnding: boolean;
}

export interface FakeLine {
  /** Its number among the lines of this container. */
  number: number;
  stream: LogLine['stream'];
  text: string;
  writtenAtMs: number;
  /** The number of the run that wrote it. */
  run: number;
}

interface FakeExit {
  code: number;
  outOfMemory: boolean;
  startedAtMs: number | null;
  finishedAtMs: number;
  /** What this run wrote last. */
  lines: string;
}

/** Called on each change for which a real engine has an event. */
export type ContainerChanged = (container: FakeContainer) => void;

export function containerCreate(
  ref: string,
  installationId: string,
  spec: ContainerSpec,
  image: FakeImage,
  createdAtMs: number,
): FakeContainer {
  return {
    ref,
    installationId,
    spec,
    specHash: containerSpecHash(spec),
    image,
    state: 'created',
    connected: true,
    createdAtMs,
    address: spec.ipv6Address,
    startedAtMs: null,
    exits: 0,
    lastExit: null,
    startError: null,
    obstacle: null,
    warnings: null,
    run: 0,
    runStarts: new Map(),
    script: {},
    output: [],
    hasLog: true,
    written: 0,
    followers: new Set(),
    cancelEnd: null,
    nameWaiters: null,
    endsWith: null,
    cancelStart: null,
    failures: 0,
    isEnding: false,
  };
}

export interface Processes {
  /** Starts a container that is created or exited. @throws EngineError `start_error`. */
  start(container: FakeContainer): void;
  /** Ends its process immediately, whatever it is doing. Does nothing if it is not running. */
  end(container: FakeContainer, exitCode: number, outOfMemory?: boolean): void;
  /** A start by the engine itself has failed, which counts as an exit. */
  failStart(container: FakeContainer): void;
  /** Asks its process to end, which then does what its script says. */
  stop(container: FakeContainer): void;
  pause(container: FakeContainer): void;
  unpause(container: FakeContainer): void;
}

export function processesCreate(clock: FakeClock, changed: ContainerChanged): Processes {
  function end(container: FakeContainer, exitCode: number, outOfMemory = false): void {
    if (container.state !== 'running' && container.state !== 'paused') return;
    container.cancelEnd?.();
    container.cancelEnd = null;
    container.endsWith = null;
    exit(container, exitCode, outOfMemory, container.startedAtMs);
  }

  /** @param startedAtMs null: it could not be started. */
  function exit(
    container: FakeContainer,
    code: number,
    outOfMemory: boolean,
    startedAtMs: number | null,
  ): void {
    const finishedAtMs = clock.now().getTime();
    const limits = { tailLines: EXIT_LINES, maxBytes: EXIT_BYTES };
    const lines =
      startedAtMs === null
        ? ''
        : containerLogs(container, { ...limits, since: new Date(startedAtMs) });
    container.state = 'exited';
    container.exits += 1;
    container.lastExit = { code, outOfMemory, startedAtMs, finishedAtMs, lines };
    for (const follower of container.followers) follower();
    changed(container);
  }

  function endLater(
    container: FakeContainer,
    delayMs: number,
    exitCode: number,
    outOfMemory: boolean,
  ): void {
    container.cancelEnd?.();
    container.cancelEnd = clock.schedule(delayMs, () => {
      if (container.state === 'paused') container.endsWith = { exitCode, outOfMemory };
      else end(container, exitCode, outOfMemory);
    });
  }

  function unpause(container: FakeContainer): void {
    if (container.state !== 'paused') return;
    container.state = 'running';
    changed(container);
    if (container.endsWith === null) return;
    endLater(container, 0, container.endsWith.exitCode, container.endsWith.outOfMemory);
  }

  return {
    end,
    failStart: (container) => exit(container, START_FAILED, false, null),
    unpause,
    start(container) {
      container.run += 1;
      const script = processScript(container.image, container.spec, container.run);
      if (script.startError !== undefined) {
        container.startError = script.startError;
        throw new EngineError('permanent', 'start_error', script.startError);
      }
      container.script = script;
      container.state = 'running';
      container.startedAtMs = clock.now().getTime();
      container.runStarts.set(container.run, container.startedAtMs);
      container.startError = null;
      container.warnings = script.warnings ?? null;
      linesWrite(container, script.output ?? [], container.startedAtMs);
      changed(container);
      if (script.exitAfterMs !== undefined) {
        const outOfMemory = script.outOfMemory ?? false;
        const exitCode = outOfMemory ? 137 : (script.exitCode ?? 0);
        endLater(container, script.exitAfterMs, exitCode, outOfMemory);
      }
    },
    stop(container) {
      const { ignoresStop = false, stopMs = 0, stopExitCode = 0 } = container.script;
      if (container.state === 'paused') unpause(container);
      if (container.state !== 'running') return;
      if (!ignoresStop) endLater(container, stopMs, stopExitCode, false);
    },
    pause(container) {
      if (container.state !== 'running') return;
      container.state = 'paused';
      changed(container);
    },
  };
}

/** Docker remembers the last exit only, and forgets most of it when it starts a process again. */
function exitsRemembered(
  { lastExit, exits, state }: FakeContainer,
  isAll: boolean,
): ContainerExits {
  if (lastExit === null) return { count: 0, last: null };
  const { code, outOfMemory, startedAtMs, finishedAtMs, lines } = lastExit;
  const isKnown = isAll || state === 'exited';
  return {
    count: isAll ? exits : 1,
    last: {
      code: isKnown ? code : null,
      isOutOfMemory: isKnown && outOfMemory,
      startedAt: isKnown && startedAtMs !== null ? new Date(startedAtMs) : null,
      finishedAt: new Date(finishedAtMs),
      lastLines: isAll ? lines : null,
    },
  };
}

export function containerObservation(
  container: FakeContainer,
  restarts: Engine['restarts'],
): ContainerObservation {
  const { spec, startedAtMs } = container;
  return {
    ref: container.ref,
    id: spec.id,
    tenantId: spec.tenantId,
    name: spec.name,
    specHash: container.specHash,
    imageId: spec.imageId,
    state: container.state,
    connected: container.connected,
    ipv6Address: container.address,
    createdAt: new Date(container.createdAtMs),
    startedAt: startedAtMs === null ? null : new Date(startedAtMs),
    exits: exitsRemembered(container, restarts === 'engine'),
    startError: container.startError,
    warnings: container.state === 'running' ? container.warnings : null,
    ...(container.obstacle && { obstacle: container.obstacle }),
  };
}

export function containerListing(
  container: FakeContainer,
  restarts: Engine['restarts'],
): ContainerListing {
  return {
    ref: container.ref,
    id: container.spec.id,
    tenantId: container.spec.tenantId,
    specHash: container.specHash,
    state: container.state,
    connected: container.connected,
    ipv6Address: container.address,
    exitCount: restarts === 'engine' ? container.exits : null,
  };
}

/** Adds lines to a container's log, which loses its oldest ones. */
export function linesWrite(
  container: FakeContainer,
  texts: readonly string[],
  writtenAtMs: number,
  stream: LogLine['stream'] = 'stdout',
): void {
  const added = texts.map((text, index) => ({
    ...{ number: container.written + index, stream, text, writtenAtMs, run: container.run },
  }));
  container.written += added.length;
  container.output = [...container.output, ...added].slice(-MAX_OUTPUT_LINES);
  for (const follower of container.followers) follower();
}

/** The last whole lines that fit. */
export function containerLogs(
  container: FakeContainer,
  { tailLines, maxBytes, since }: LogOptions,
): string {
  const sinceMs = since?.getTime() ?? 0;
  const written = container.output.filter(({ writtenAtMs }) => writtenAtMs >= sinceMs);
  const lines = tailLines > 0 ? written.slice(-tailLines) : [];
  let text = '';
  for (const line of lines.toReversed()) {
    const longer = `${line.text}\n${text}`;
    if (Buffer.byteLength(longer) > maxBytes) break;
    text = longer;
  }
  return text;
}

/** The containers of a fake world: what becomes of their processes. */
import type {
  ContainerListing,
  ContainerObservation,
  ContainerSpec,
  LogOptions,
} from '../contract.ts';
import { containerSpecHash, EngineError } from '../contract.ts';
import type { FakeClock } from './clock.ts';
import { processScript } from './image.ts';
import type { FakeImage, ProcessScript } from './image.ts';

const MAX_OUTPUT_LINES = 1000;

export interface FakeContainer {
  ref: string;
  installationId: string;
  spec: ContainerSpec;
  specHash: string;
  image: FakeImage;
  state: ContainerObservation['state'];
  connected: boolean;
  startedAtMs: number | null;
  finishedAtMs: number | null;
  exitCode: number | null;
  outOfMemory: boolean;
  startError: string | null;
  /** How often it was started. */
  run: number;
  script: ProcessScript;
  output: { text: string; writtenAtMs: number }[];
  /** Takes back the process's scheduled end. */
  cancelEnd: (() => void) | null;
  /** Containers that wait for this one's name, to be told when it ends. */
  nameWaiters: Set<number> | null;
  /** Its end came due, or was asked for, while paused: it takes effect on unpausing. */
  endsWith: { exitCode: number; outOfMemory: boolean } | null;
}

/** Told of each change that a real engine would have an event for. */
export type ContainerChanged = (container: FakeContainer) => void;

export function containerCreate(
  ref: string,
  installationId: string,
  spec: ContainerSpec,
  image: FakeImage,
): FakeContainer {
  return {
    ref,
    installationId,
    spec,
    specHash: containerSpecHash(spec),
    image,
    state: 'created',
    connected: true,
    startedAtMs: null,
    finishedAtMs: null,
    exitCode: null,
    outOfMemory: false,
    startError: null,
    run: 0,
    script: {},
    output: [],
    cancelEnd: null,
    nameWaiters: null,
    endsWith: null,
  };
}

export interface Processes {
  /** Starts what is created or exited. @throws EngineError `start_error`. */
  start(container: FakeContainer): void;
  /** Ends it now, whatever it is doing. Not running: nothing. */
  end(container: FakeContainer, exitCode: number, outOfMemory?: boolean): void;
  /** Asks it to end, as its script has it. */
  stop(container: FakeContainer): void;
  pause(container: FakeContainer): void;
  unpause(container: FakeContainer): void;
}

export function createProcesses(clock: FakeClock, changed: ContainerChanged): Processes {
  function end(container: FakeContainer, exitCode: number, outOfMemory = false): void {
    if (container.state !== 'running' && container.state !== 'paused') return;
    container.cancelEnd?.();
    container.cancelEnd = null;
    container.endsWith = null;
    container.state = 'exited';
    container.finishedAtMs = clock.now().getTime();
    container.exitCode = exitCode;
    container.outOfMemory = outOfMemory;
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
      container.startError = null;
      container.outOfMemory = false;
      const writtenAtMs = container.startedAtMs;
      const output = (script.output ?? []).map((text) => ({ text, writtenAtMs }));
      container.output = [...container.output, ...output].slice(-MAX_OUTPUT_LINES);
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

export function containerObservation(container: FakeContainer): ContainerObservation {
  const { spec, startedAtMs, finishedAtMs } = container;
  return {
    ref: container.ref,
    id: spec.id,
    tenantId: spec.tenantId,
    name: spec.name,
    specHash: container.specHash,
    state: container.state,
    connected: container.connected,
    startedAt: startedAtMs === null ? null : new Date(startedAtMs),
    finishedAt: finishedAtMs === null ? null : new Date(finishedAtMs),
    // Docker forgets these when it starts a process again.
    exitCode: container.state === 'exited' ? container.exitCode : null,
    outOfMemory: container.state === 'exited' && container.outOfMemory,
    startError: container.startError,
  };
}

export function containerListing(container: FakeContainer): ContainerListing {
  return {
    ref: container.ref,
    id: container.spec.id,
    tenantId: container.spec.tenantId,
    specHash: container.specHash,
    state: container.state,
    connected: container.connected,
  };
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

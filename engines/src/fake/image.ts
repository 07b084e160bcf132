/** Describes a fake image: what a pull of it does, and how a process created from it behaves. */
import { createHash } from 'node:crypto';
import type { ContainerSpec, ContainerWarning, ImageFailure } from '../contract.ts';

/** One run of a process. With no option set, it runs until it is asked to end, then exits with 0. */
export interface ProcessScript {
  /** It fails to start, for this reason. */
  startError?: string;
  /** It exits by itself after this long. */
  exitAfterMs?: number;
  /** The code that it exits with by itself; default 0. */
  exitCode?: number;
  /** It is killed for its memory use (code 137). */
  outOfMemory?: boolean;
  ignoresStop?: boolean;
  /** How long it takes to exit when asked; default 0. */
  stopMs?: number;
  /** The code that it exits with when asked; default 0. */
  stopExitCode?: number;
  /** What engines notice about it; default null: they can't tell. */
  warnings?: ContainerWarning[];
  /** Lines that it writes when it starts. */
  output?: readonly string[];
}

export interface FakeImage {
  /** What a reference resolves to; it changes when a tag is moved. Default: derived from the reference. */
  imageId?: string;
  /** Default: none. */
  exposedPorts?: readonly number[];
  /** Its `VOLUME`s. Default: none. */
  volumePaths?: readonly string[];
  /** How long a pull takes, even one that fails; default 0. `Infinity`: it never ends. */
  pullMs?: number;
  /** The interval at which its pull receives another MiB; default never. */
  progressMs?: number;
  /** Its pull does not end before this resolves. */
  pullHold?: Promise<unknown>;
  /** A pull of it fails with this error. */
  failure?: { reason: ImageFailure; message: string; isUnreachable?: true };
  /** Receives the spec and the number of this container's run (the first is 1). */
  process?: ProcessScript | ((spec: ContainerSpec, run: number) => ProcessScript);
}

export function imageIdOf(reference: string, image: FakeImage): string {
  return image.imageId ?? `sha256:${createHash('sha256').update(reference).digest('hex')}`;
}

export function processScript(image: FakeImage, spec: ContainerSpec, run: number): ProcessScript {
  const { process = {} } = image;
  return typeof process === 'function' ? process(spec, run) : process;
}

/** A digest, or a tag other than `latest`: the image that is on the engine is used as it is. */
export function referenceIsFixed(reference: string): boolean {
  if (reference.includes('@')) return true;
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  return tag !== undefined && tag !== 'latest';
}

/** What a fake image is: what a pull of it does, and how a process made from it behaves. */
import { createHash } from 'node:crypto';
import type { ContainerSpec, ImageFailure } from '../contract.ts';

/** One run of a process. Without any of these it runs until it is told to end, then exits 0. */
export interface ProcessScript {
  /** It never starts, for this reason. */
  startError?: string;
  /** It ends by itself after this long. */
  exitAfterMs?: number;
  /** With what it ends by itself; default 0. */
  exitCode?: number;
  /** It ends by being killed for its memory (code 137). */
  outOfMemory?: boolean;
  ignoresStop?: boolean;
  /** How long it takes to end when asked; default 0. */
  stopMs?: number;
  /** With what it ends when asked; default 0. */
  stopExitCode?: number;
  /** Lines that it writes when it starts. */
  output?: readonly string[];
}

export interface FakeImage {
  /** What a reference resolves to; changes when a tag is moved. Default: made from the reference. */
  imageId?: string;
  /** Default: none. */
  exposedPorts?: readonly number[];
  /** How long a pull takes, also one that fails; default 0. `Infinity`: it never ends. */
  pullMs?: number;
  /** Its pull does not end before this. */
  pullHold?: Promise<unknown>;
  /** A pull of it fails. */
  failure?: { reason: ImageFailure; message: string };
  /** Told the spec, and which run of this container it is (the first is 1). */
  process?: ProcessScript | ((spec: ContainerSpec, run: number) => ProcessScript);
}

export function imageIdOf(reference: string, image: FakeImage): string {
  return image.imageId ?? `sha256:${createHash('sha256').update(reference).digest('hex')}`;
}

export function processScript(image: FakeImage, spec: ContainerSpec, run: number): ProcessScript {
  const { process = {} } = image;
  return typeof process === 'function' ? process(spec, run) : process;
}

/** A digest, or a tag other than `latest`: what is on the engine is used as it is. */
export function referenceIsFixed(reference: string): boolean {
  if (reference.includes('@')) return true;
  const tag = /:([^/:]+)$/.exec(reference)?.[1];
  return tag !== undefined && tag !== 'latest';
}

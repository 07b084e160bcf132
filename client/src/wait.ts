import type { Container, DollarboxClient, Volume } from './connect.ts';
import { DollarboxError } from './error.ts';
import { pause } from './retry.ts';

export interface WaitOptions<T> {
  /** The longest wait in milliseconds; default 5 minutes. */
  timeoutMs?: number;
  /** How long one request may wait, in milliseconds; at least one second, and at most a minute. Default: a minute. */
  requestMs?: number;
  /** Time between two reads when the server does not wait, in milliseconds; default 1000. */
  pollMs?: number;
  signal?: AbortSignal;
  /** Called with what each request has read. */
  onRead?: (object: T) => void;
}

export interface ContainerWaitOptions extends WaitOptions<Container> {
  /**
   * What to wait for: `settled` (default), until what was last asked for is in effect or has failed with a reason;
   * `stopped`, until its process has ended.
   */
  until?: 'settled' | 'stopped';
}

/** An object had not settled when the time was up. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
}

/**
 * Whether a container has settled, as far as its fields say: the engine has acted on it, and the requested version is in
 * effect or has failed with a reason. A stop or a restart that was asked for a moment ago does not show.
 */
export function containerIsSettled(container: Container): boolean {
  if (container.status === 'pending') return false;
  if (container.status === 'stopped') return true;
  return container.observed_generation === container.generation || container.status_reason !== null;
}

/**
 * Waits until a container has settled. The server waits (`Prefer: wait`), so this costs a request a minute.
 * @returns the container as it was last read: running, stopped, or failed with a reason.
 * @throws DollarboxError when it can't be read; WaitTimeout when it has not settled in time; the signal's reason.
 */
export function containerWait(
  client: DollarboxClient,
  id: number,
  { until = 'settled', ...options }: ContainerWaitOptions = {},
): Promise<Container> {
  return settled(options, {
    read: (headers, signal) =>
      client.GET('/containers/{id}/', { params: { path: { id } }, headers, signal }),
    isSettled: containerIsSettled,
    isDone: ({ status }) => until === 'settled' || status === 'stopped',
    state: ({ name, status, generation, observed_generation: observed }) =>
      `Container ${name} is ${status}, and runs generation ${observed} of ${generation}.`,
  });
}

/** Whether a volume has settled: it is there, could not be created, or waits for a container to mount it. */
export function volumeIsSettled({ status, status_reason: reason }: Volume): boolean {
  return status === 'bound' || status === 'failed' || (reason ?? null) !== null;
}

/**
 * Waits until the engine has created a volume, failed to, or waits for a container to mount it.
 * @returns the volume as it was last read: bound, or with a reason why it is not.
 * @throws DollarboxError when it can't be read; WaitTimeout when it has not settled in time; the signal's reason.
 */
export function volumeWait(
  client: DollarboxClient,
  id: number,
  options: WaitOptions<Volume> = {},
): Promise<Volume> {
  return settled(options, {
    read: (headers, signal) =>
      client.GET('/volumes/{id}/', { params: { path: { id } }, headers, signal }),
    isSettled: volumeIsSettled,
    isDone: () => true,
    state: ({ name, status }) => `Volume ${name} is ${status}.`,
  });
}

interface Settling<T> {
  read(
    headers: Record<string, string>,
    signal: AbortSignal | null,
  ): Promise<{ data?: T; error?: unknown; response: Response }>;
  isSettled(object: T): boolean;
  /** Whether a settled object is in the state that was waited for. */
  isDone(object: T): boolean;
  /** The state when the time is up, as a sentence. */
  state(object: T): string;
}

async function settled<T>(
  { timeoutMs = 300_000, requestMs = 60_000, pollMs = 1000, signal, onRead }: WaitOptions<T>,
  { read, isSettled, isDone, state }: Settling<T>,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const begunAt = performance.now();
    const seconds = Math.max(1, Math.ceil(Math.min(end - begunAt, requestMs, 60_000) / 1000));
    const { data, error, response } = await read({ prefer: `wait=${seconds}` }, signal ?? null);
    if (!response.ok || data === undefined) throw new DollarboxError(response, error);
    onRead?.(data);
    const hasWaited = response.headers.get('preference-applied') !== null;
    // The server knows more than the object shows, such as a restart that has not begun.
    const isEarly = performance.now() - begunAt < seconds * 1000;
    if ((hasWaited ? isEarly : isSettled(data)) && isDone(data)) return data;
    const leftMs = end - performance.now();
    if (leftMs <= 0) {
      throw new WaitTimeout(`Not settled within ${timeoutMs / 1000} s. ${state(data)}`);
    }
    if (!hasWaited || isEarly) await pause(Math.min(pollMs, leftMs), signal);
  }
}

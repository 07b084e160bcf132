/** Opens the log of a container's pod. */
import type { Readable } from 'node:stream';
import { EngineError } from '../../contract.ts';
import type { LogRun } from '../../contract.ts';
import type { LogEntry } from '../../log-lines.ts';
import type { LogOpen, LogWindow } from '../../log-reader.ts';
import { isKubeStatus } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import type { ObjectRef } from '../base/names.ts';
import { pathOf } from './container-objects.ts';
import type { ContainerStore } from './container-objects.ts';
import { timeParse } from './log-times.ts';
import { podOf, runsOf } from './observation.ts';
import type { PodRun } from './observation.ts';

const LINE_FEED = 0x0a;

/** The API server joins both streams, and does not say which one a line is of. */
function entryParse(line: Buffer): LogEntry[] {
  const time = timeParse(line);
  if (time === null) return [];
  const { at, length } = time;
  return [{ stream: 'stdout', at, bytes: line.subarray(length), isLast: true }];
}

/** Ends the stream when no more is wanted. */
async function* entriesOf(stream: Readable): AsyncGenerator<LogEntry[]> {
  let pending: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const entries: LogEntry[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)]);
      entries.push(...entryParse(line));
      pending = [];
      start = end + 1;
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
    if (entries.length > 0) yield entries;
  }
  const last = pending.length > 0 ? entryParse(Buffer.concat(pending)) : [];
  if (last.length > 0) yield last;
}

type Found = ObjectRef & { id: number };

/** A pod, and those of its runs whose lines are wanted. */
interface RunPlace {
  pod: Pod;
  runs: PodRun[];
}

function isSamePlace({ pod, runs }: RunPlace, other: RunPlace | undefined): boolean {
  if (other?.pod.metadata.uid !== pod.metadata.uid) return false;
  return runs.every(({ isFormer }) => other.runs.some((run) => run.isFormer === isFormer));
}

function runMissing(): EngineError {
  const message = 'The cluster does not have the lines of this run any more.';
  return new EngineError('not_found', 'run_missing', message);
}

/** How often a log is opened again because its process was restarted meanwhile. */
const MAX_TRIES = 3;

export function logOpenCreate(api: KubeApi, store: ContainerStore): LogOpen {
  async function open(
    { metadata: { namespace = '', name } }: Pod,
    { entries, isFollowed }: LogWindow,
    isFormer: boolean,
    signal: AbortSignal,
  ): Promise<Readable | null> {
    const query = {
      timestamps: 'true',
      ...(entries !== null && { tailLines: String(entries) }),
      ...(isFormer ? { previous: 'true' } : isFollowed && { follow: 'true' }),
    };
    try {
      const path = `${pathOf('pods', namespace, name)}/log`;
      return await api.stream({ method: 'GET', path, query, signal });
    } catch (error) {
      // No process has been started, or the node has removed what it wrote.
      if (isKubeStatus(error, 400) || isKubeStatus(error, 404)) return null;
      throw error;
    }
  }

  /** Where a run is; undefined: the cluster does not have its lines any more. */
  async function runFind(
    { id, namespace }: Found,
    run: LogRun,
    signal: AbortSignal,
  ): Promise<RunPlace | undefined> {
    const pods = await store.listKind<Pod>('pods', id, signal, namespace);
    return pods
      .map((pod) => ({
        pod,
        runs: runsOf(pod).filter(({ startedAt }) => startedAt?.getTime() === run.getTime()),
      }))
      .find(({ runs }) => runs.length > 0);
  }

  /**
   * The log of a run, or of both runs that began in that second. A node takes "the latest run" for what it is when it
   * opens the log, so that it is looked afterwards whether it was still the same.
   * @throws EngineError `run_missing`; `retryable` if the process was restarted meanwhile.
   */
  async function* runEntries(
    found: Found,
    window: LogWindow,
    run: LogRun,
    signal: AbortSignal,
  ): AsyncGenerator<LogEntry[]> {
    for (let tries = 1; ; tries += 1) {
      const place = await runFind(found, run, signal);
      if (place === undefined) throw runMissing();
      const streams: Readable[] = [];
      try {
        for (const { isFormer } of place.runs) {
          const stream = await open(place.pod, window, isFormer, signal);
          if (stream === null) throw runMissing();
          streams.push(stream);
        }
        const after = await runFind(found, run, signal);
        if (isSamePlace(place, after)) {
          for (const stream of streams) yield* entriesOf(stream);
          return;
        }
        if (tries === MAX_TRIES) {
          const message = 'The process was restarted while its lines were read.';
          throw new EngineError('retryable', 'restarted', message);
        }
      } finally {
        for (const stream of streams) stream.destroy();
      }
    }
  }

  return async function* (ref, window, signal) {
    const found = await store.findRef(ref, signal);
    if (found === undefined) {
      const message = 'The cluster does not have this container any more.';
      throw new EngineError('not_found', 'container_missing', message);
    }
    if (window.run !== undefined) return yield* runEntries(found, window, window.run, signal);
    const pod = podOf(await store.listKind<Pod>('pods', found.id, signal, found.namespace));
    if (pod === undefined) return;
    for (const { isFormer } of runsOf(pod)) {
      const stream = await open(pod, window, isFormer, signal);
      if (stream !== null) yield* entriesOf(stream);
    }
  };
}

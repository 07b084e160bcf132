/** Opens the log of a container's pod. */
import type { Readable } from 'node:stream';
import { EngineError } from '../../contract.ts';
import type { LogEntry } from '../../log-lines.ts';
import type { LogOpen, LogWindow } from '../../log-reader.ts';
import { isKubeStatus } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { pathOf } from './container-objects.ts';
import type { ContainerStore } from './container-objects.ts';
import { timeParse } from './log-times.ts';
import { formerRunHas, podOf } from './observation.ts';

const LINE_FEED = 0x0a;

/** The API server joins both streams, and does not say which one a line is of. */
function entryParse(line: Buffer): LogEntry[] {
  const time = timeParse(line);
  if (time === null) return [];
  const { at, length } = time;
  return [{ stream: 'stdout', at, bytes: line.subarray(length), isLast: true }];
}

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

  return async function* (ref, window, signal) {
    const found = await store.findRef(ref, signal);
    if (found === undefined) {
      const message = 'The cluster does not have this container any more.';
      throw new EngineError('not_found', 'container_missing', message);
    }
    const pod = podOf(await store.listKind<Pod>('pods', found.id, signal));
    if (pod === undefined) return;
    const hasFormer = formerRunHas(pod);
    for (const isFormer of hasFormer ? [true, false] : [false]) {
      const stream = await open(pod, window, isFormer, signal);
      if (stream === null) continue;
      try {
        yield* entriesOf(stream);
      } finally {
        stream.destroy();
      }
    }
  };
}

/** What a container's process wrote. */
import { text } from 'node:stream/consumers';
import { EngineError } from '../../contract.ts';
import type { ContainerUsage, LogOptions } from '../../contract.ts';
import { logReaderCreate } from '../../log-reader.ts';
import type { LogReader } from '../../log-reader.ts';
import { isKubeStatus } from '../api/client.ts';
import type { KubeApi } from '../api/client.ts';
import type { Pod } from '../api/objects.ts';
import { pathOf } from './container-objects.ts';
import type { ContainerStore } from './container-objects.ts';
import { logOpenCreate } from './log-open.ts';
import { timesRemove } from './log-times.ts';
import { formerRunHas, podOf } from './observation.ts';

export interface Access extends LogReader {
  logs(ref: string, options: LogOptions, signal: AbortSignal): Promise<string>;
  usage(ref: string, signal: AbortSignal): Promise<ContainerUsage>;
}

/** The end of a text, in whole characters. */
function tailOf(content: string, maxBytes: number): string {
  const bytes = Buffer.from(content);
  if (bytes.length <= maxBytes) return content;
  let start = bytes.length - maxBytes;
  // Not within a character of UTF-8.
  while (start < bytes.length && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return bytes.subarray(start).toString('utf8');
}

/**
 * Whether the run before the latest one is wanted and can be had. Times are in whole seconds, so that two runs may seem
 * to have begun at once: lines are told apart by their run.
 */
function formerRead(pod: Pod, since: Date | undefined): boolean {
  if (!formerRunHas(pod)) return false;
  const state = pod.status?.containerStatuses?.[0]?.state;
  const startedAt = state?.running?.startedAt ?? state?.terminated?.startedAt;
  return since === undefined || startedAt == null || since < new Date(startedAt);
}

export function accessCreate(api: KubeApi, store: ContainerStore): Access {
  async function logRead(pod: Pod, options: LogOptions, isFormer: boolean, signal: AbortSignal) {
    const { namespace = '', name } = pod.metadata;
    const query = {
      timestamps: 'true',
      tailLines: String(options.tailLines),
      ...(isFormer && { previous: 'true' }),
    };
    const path = `${pathOf('pods', namespace, name)}/log`;
    try {
      return timesRemove(await text(await api.stream({ method: 'GET', path, query, signal })));
    } catch (error) {
      // No process has been started, or the node has removed what it wrote.
      if (isKubeStatus(error, 400) || isKubeStatus(error, 404)) return '';
      throw error;
    }
  }

  return {
    ...logReaderCreate(logOpenCreate(api, store)),

    /** The cluster's API does not measure; what does is an add-on that may be missing. */
    async usage(ref, signal) {
      if ((await store.findRef(ref, signal)) === undefined) {
        const message = 'The cluster does not have this container any more.';
        throw new EngineError('not_found', 'container_missing', message);
      }
      return {
        memoryBytes: null,
        memoryLimitBytes: null,
        cpuSeconds: null,
        networkReceivedBytes: null,
        networkSentBytes: null,
        processes: null,
        diskBytes: null,
      };
    },

    async logs(ref, options, signal) {
      const found = await store.findRef(ref, signal);
      if (found === undefined) return '';
      const pod = podOf(await store.listKind<Pod>('pods', found.id, signal));
      if (pod === undefined) return '';
      const former = formerRead(pod, options.since)
        ? await logRead(pod, options, true, signal)
        : '';
      const latest = await logRead(pod, options, false, signal);
      const lines = `${former}${latest}`.split(/(?<=\n)/);
      return tailOf(lines.slice(-options.tailLines).join(''), options.maxBytes);
    },
  };
}

/** The access verbs: what users can see inside a container. */
import { EngineError } from '../../contract.ts';
import type {
  ContainerUsage,
  LogFrom,
  LogOptions,
  LogPart,
  LogRange,
  UsageOptions,
} from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { DockerContext } from '../base/options.ts';
import { verbRun } from '../daemon/errors.ts';
import { ownContainerInspect } from './inspect.ts';
import { logReaderCreate } from '../../log-reader.ts';
import { logOpenCreate } from './log-open.ts';
import { logTailRead } from '../daemon/logs.ts';
import type { OwnContainers } from './own-containers.ts';
import { usageRead } from './usage.ts';

/** Docker records a start only afterwards. A process may already have written its lines and ended. */
const START_NOTED_MS = 900;

export interface DockerAccess {
  logs(ref: string, options: LogOptions, signal: AbortSignal): Promise<string>;
  lines(ref: string, range: LogRange, signal: AbortSignal): AsyncGenerator<LogPart>;
  follow(ref: string, from: LogFrom, signal: AbortSignal): AsyncGenerator<LogPart>;
  usage(ref: string, options: UsageOptions, signal: AbortSignal): Promise<ContainerUsage>;
}

/** @param deadlineMs the longest that reading lines may wait for Docker, in milliseconds. */
export function dockerAccessCreate(
  { installationId }: Pick<DockerContext, 'installationId'>,
  api: DockerApi,
  own: OwnContainers,
  deadlineMs: number,
): DockerAccess {
  const reader = logReaderCreate(logOpenCreate(api, deadlineMs));

  /** @throws EngineError unless this installation created it. */
  async function requireOwn(ref: string, signal: AbortSignal): Promise<void> {
    if ((await ownContainerInspect(api, installationId, ref, signal)) !== undefined) {
      own.add(ref);
      return;
    }
    const message = 'The container engine does not have this container any more.';
    throw new EngineError('not_found', 'container_missing', message);
  }

  /** Reads a log, and looks meanwhile whether the container is ours: nothing is given of one that is not. */
  async function* ofOwn(
    ref: string,
    signal: AbortSignal,
    read: (signal: AbortSignal) => AsyncGenerator<LogPart>,
  ): AsyncGenerator<LogPart> {
    // It finds out by itself that a container is gone.
    if (own.has(ref)) return yield* read(signal);
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const parts = read(either);
    const first = parts.next();
    first.catch(() => {});
    try {
      await verbRun(deadlineMs, (deadline) => requireOwn(ref, AbortSignal.any([deadline, signal])));
      const { done, value } = await first;
      if (done === true) return;
      yield value;
      yield* parts;
    } finally {
      over.abort();
      await parts.return(undefined);
    }
  }

  return {
    lines: (ref, range, signal) => ofOwn(ref, signal, (until) => reader.lines(ref, range, until)),

    follow: (ref, from, signal) => ofOwn(ref, signal, (until) => reader.follow(ref, from, until)),

    async usage(ref, options, signal) {
      await requireOwn(ref, signal);
      return usageRead(api, ref, options, signal);
    },

    async logs(ref, { tailLines, maxBytes, since }, signal) {
      const container = await ownContainerInspect(api, installationId, ref, signal);
      if (container === undefined) return '';
      const stream = await api.stream({
        method: 'GET',
        path: `/containers/${ref}/logs`,
        query: {
          stdout: '1',
          stderr: '1',
          tail: String(tailLines),
          ...(since !== undefined && {
            since: ((since.getTime() - START_NOTED_MS) / 1000).toFixed(3),
          }),
        },
        signal,
      });
      try {
        return await logTailRead(stream, maxBytes);
      } finally {
        stream.destroy();
      }
    },
  };
}

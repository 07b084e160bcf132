/** The container verbs. */
import type Docker from 'dockerode';
import { setTimeout as delay } from 'node:timers/promises';
import { containerSpecHash, EngineError } from '../contract.ts';
import type {
  ContainerListing,
  ContainerObservation,
  ContainerSpec,
  LogOptions,
  TenantSpec,
} from '../contract.ts';
import type { DockerApi } from './api.ts';
import type { BringUp } from './container-bring-up.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import { readLogTail } from './logs.ts';
import { containerDockerName, LABELS, labelFilters } from './names.ts';
import { isOurContainer, listContainer, observeContainer } from './observation.ts';
import type { DockerContainer } from './observation.ts';
import type { DockerContext } from './options.ts';

/** Between looks at what someone else is doing to the same container. */
const POLL_MS = 20;
/** Docker notes a start only after it: by then a process may have written its lines, and ended. */
const START_NOTED_MS = 900;

export interface Containers {
  apply(
    spec: ContainerSpec,
    tenant: TenantSpec,
    signal: AbortSignal,
  ): Promise<ContainerObservation>;
  observe(id: number, signal: AbortSignal): Promise<ContainerObservation | null>;
  stop(ref: string, signal: AbortSignal): Promise<void>;
  remove(ref: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<ContainerListing[]>;
  logs(ref: string, options: LogOptions, signal: AbortSignal): Promise<string>;
}

export function createContainers(
  context: DockerContext,
  api: DockerApi,
  bringUp: BringUp,
): Containers {
  const { installationId } = context;

  const inspect = (ref: string, signal: AbortSignal) =>
    unlessMissing(
      api.call<DockerContainer>({ method: 'GET', path: `/containers/${ref}/json`, signal }),
    );

  const act = (
    ref: string,
    verb: string,
    signal: AbortSignal,
    query: Record<string, string> = {},
  ) => api.call({ method: 'POST', path: `/containers/${ref}/${verb}`, query, signal });

  async function inspectById(
    id: number,
    signal: AbortSignal,
  ): Promise<DockerContainer | undefined> {
    const found = await inspect(containerDockerName(installationId, id), signal);
    if (found === undefined || isOurContainer(found, installationId)) return found;
    throw new EngineError(
      'conflict',
      'name_taken',
      'The container engine holds a foreign object.',
      {
        cause: new Error(`${found.Name} is not of this installation`),
      },
    );
  }

  /** The very object, if it is there and ours. */
  async function inspectOurs(
    ref: string,
    signal: AbortSignal,
  ): Promise<DockerContainer | undefined> {
    const found = await inspect(ref, signal);
    // Docker also takes names and beginnings of ids for a reference; a removal must not.
    return found?.Id === ref && isOurContainer(found, installationId) ? found : undefined;
  }

  return {
    async apply(spec, tenant, signal) {
      for (;;) {
        const container = await inspectById(spec.id, signal);
        if (container === undefined) {
          if (await bringUp.fresh(spec, tenant, signal)) break;
          // A name that another worker has taken leads nowhere until its container is there.
          await delay(POLL_MS, undefined, { signal });
          continue;
        }
        if (container.Config.Labels[LABELS.spec] !== containerSpecHash(spec)) {
          const message =
            'The container engine holds this container as it was before its last change.';
          throw new EngineError('conflict', 'differs', message);
        }
        await bringUp.existing(container, spec, tenant, signal);
        break;
      }
      const after = await inspectById(spec.id, signal);
      if (after === undefined) {
        throw new EngineError(
          'retryable',
          'engine_error',
          'The container was removed as it started.',
        );
      }
      return observeContainer(after);
    },

    async observe(id, signal) {
      const container = await inspectById(id, signal);
      return container === undefined ? null : observeContainer(container);
    },

    async stop(ref, signal) {
      const container = await inspectOurs(ref, signal);
      if (container === undefined || !container.State.Running) return;
      try {
        // Docker refuses to signal a paused process.
        if (container.State.Paused) await act(ref, 'unpause', signal);
        const { StopSignal } = container.Config as { StopSignal?: string };
        await act(ref, 'kill', signal, { signal: StopSignal ?? 'SIGTERM' });
      } catch (error) {
        if (!isDockerStatus(error, 404) && !isDockerStatus(error, 409)) throw error;
      }
    },

    async remove(ref, signal) {
      const path = `/containers/${ref}`;
      const query = { force: '1', v: '1' };
      while ((await inspectOurs(ref, signal)) !== undefined) {
        try {
          await unlessMissing(api.call({ method: 'DELETE', path, query, signal }));
          return;
        } catch (error) {
          // Someone else removes it already: it is waited for, as it is not gone yet.
          if (!isDockerStatus(error, 409, /already in progress/i)) throw error;
        }
        await delay(POLL_MS, undefined, { signal });
      }
    },

    async list(signal) {
      const filters = labelFilters(installationId, LABELS.container);
      const found = await api.call<Docker.ContainerInfo[]>({
        method: 'GET',
        path: '/containers/json',
        query: { all: '1', filters },
        signal,
      });
      return found.map(listContainer);
    },

    async logs(ref, { tailLines, maxBytes, since }, signal) {
      if ((await inspectOurs(ref, signal)) === undefined) return '';
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
        return await readLogTail(stream, maxBytes);
      } finally {
        stream.destroy();
      }
    },
  };
}

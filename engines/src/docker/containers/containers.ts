/** The container verbs. */
import type Docker from 'dockerode';
import { setTimeout as delay } from 'node:timers/promises';
import { containerSpecHash, EngineError } from '../../contract.ts';
import type { ContainerListing, ContainerObservation, ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { BringUp } from './container-bring-up.ts';
import { isDockerStatus } from '../daemon/errors.ts';
import { containerFinderCreate } from './find.ts';
import { ownContainerInspect } from './inspect.ts';
import { warningsRead } from './listeners.ts';
import { containerRemove } from '../daemon/removal.ts';
import { LABELS, labelFilters } from '../base/names.ts';
import { containerListingRead, containerObserve } from './observation.ts';
import type { DockerContainer } from './observation.ts';
import type { DockerContext } from '../base/options.ts';
import type { OwnContainers } from './own-containers.ts';

/** Interval between checks while another worker changes the same container. */
const POLL_MS = 20;

export interface Containers {
  apply(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerObservation>;
  observe(id: number, signal: AbortSignal): Promise<ContainerObservation | null>;
  end(ref: string, graceMs: number, signal: AbortSignal): Promise<void>;
  kill(ref: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<ContainerListing[]>;
}

export function dockerContainersCreate(
  context: DockerContext,
  api: DockerApi,
  bringUp: BringUp,
  own: Pick<OwnContainers, 'add'>,
  isLocal: boolean,
): Containers {
  const { installationId } = context;

  const act = (
    ref: string,
    verb: string,
    signal: AbortSignal,
    query: Record<string, string> = {},
  ) => api.call({ method: 'POST', path: `/containers/${ref}/${verb}`, query, signal });

  const finder = containerFinderCreate(installationId, api);

  async function observed(container: DockerContainer): Promise<ContainerObservation> {
    const observation = containerObserve(container);
    own.add(observation.ref);
    if (!isLocal || observation.state !== 'running') return observation;
    return { ...observation, warnings: await warningsRead(container.Id, container.State.Pid) };
  }

  /** Sends a signal to a process, unless it has ended. */
  async function signalSend(
    { Id: ref, State }: DockerContainer,
    name: string,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      // Docker refuses to signal a paused process.
      if (State.Paused) await act(ref, 'unpause', signal);
      await act(ref, 'kill', signal, { signal: name });
    } catch (error) {
      if (!isDockerStatus(error, 404) && !isDockerStatus(error, 409)) throw error;
    }
  }

  return {
    async apply(spec, signal) {
      for (;;) {
        const container = await finder.find(spec.id, signal);
        if (container === undefined) {
          if (await bringUp.fresh(spec, signal)) break;
          await finder.freeName(spec.id, signal);
          // If another worker has taken the name, it can't be looked up until that worker's container exists.
          await delay(POLL_MS, undefined, { signal });
          continue;
        }
        const isOfSpec = container.Config.Labels[LABELS.spec] === containerSpecHash(spec);
        if (!isOfSpec || container.Image !== spec.imageId) {
          const message =
            'The container engine holds this container as it was before its last change.';
          throw new EngineError('conflict', 'differs', message);
        }
        await bringUp.existing(container, spec, signal);
        break;
      }
      const after = await finder.find(spec.id, signal);
      if (after === undefined) {
        throw new EngineError(
          'retryable',
          'engine_error',
          'The container was removed as it started.',
        );
      }
      return observed(after);
    },

    async observe(id, signal) {
      const container = await finder.find(id, signal);
      return container === undefined ? null : observed(container);
    },

    async end(ref, graceMs, signal) {
      const container = await ownContainerInspect(api, installationId, ref, signal);
      if (container === undefined) return;
      if (graceMs === 0) return containerRemove(api, container.Id, signal);
      const { StopSignal } = container.Config as { StopSignal?: string };
      if (container.State.Running) await signalSend(container, StopSignal ?? 'SIGTERM', signal);
    },

    async kill(ref, signal) {
      for (;;) {
        const container = await ownContainerInspect(api, installationId, ref, signal);
        if (container?.State.Running !== true) return;
        await signalSend(container, 'SIGKILL', signal);
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
      return found.map(containerListingRead);
    },
  };
}

/** The container verbs. */
import type Docker from 'dockerode';
import { setTimeout as delay } from 'node:timers/promises';
import { containerSpecHash, EngineError } from '../contract.ts';
import type {
  ContainerListing,
  ContainerObservation,
  ContainerSpec,
  TenantSpec,
} from '../contract.ts';
import type { DockerApi } from './api.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import { readLogTail } from './logs.ts';
import { containerDockerName, LABELS, labelFilters, networkDockerName } from './names.ts';
import type { NameWaiters } from './name-waiters.ts';
import type { Networks } from './networks.ts';
import { isOurContainer, listContainer, observeContainer } from './observation.ts';
import type { DockerContainer } from './observation.ts';
import type { DockerContext } from './options.ts';
import { renderContainer, renderContainerName, renderEndpoint } from './render.ts';
import { startErrorSentence } from './start-error.ts';

/** Between looks at what someone else is doing to the same container. */
const POLL_MS = 20;

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
  logs(
    ref: string,
    options: { tailLines: number; maxBytes: number },
    signal: AbortSignal,
  ): Promise<string>;
}

export function createContainers(
  context: DockerContext,
  api: DockerApi,
  networks: Pick<Networks, 'ensure'>,
  nameWaiters: NameWaiters,
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

  /** @returns false when another worker is making it, or has made it. */
  async function create(spec: ContainerSpec, signal: AbortSignal): Promise<boolean> {
    try {
      await api.call({
        method: 'POST',
        path: '/containers/create',
        query: { name: renderContainerName(installationId, spec) },
        body: renderContainer(installationId, spec),
        signal,
      });
      return true;
    } catch (error) {
      if (isDockerStatus(error, 409)) return false;
      if (isDockerStatus(error, 404, /no such image/i)) {
        const message = 'The image is no longer on the container engine.';
        throw new EngineError('not_found', 'image_missing', message, { cause: error });
      }
      const sentence = error instanceof Error ? startErrorSentence(error.message) : null;
      if (sentence === null) throw error;
      throw new EngineError('permanent', 'start_error', sentence, { cause: error });
    }
  }

  /** Another container that runs under this name: one that is being deleted, or it would not be free. */
  async function findNameHolder(
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<ContainerListing | undefined> {
    const filters = labelFilters(
      installationId,
      `${LABELS.tenant}=${spec.tenantId}`,
      `${LABELS.name}=${spec.name}`,
      LABELS.container,
    );
    const running = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path: '/containers/json',
      query: { filters },
      signal,
    });
    return running.map(listContainer).find((listing) => listing.id !== spec.id);
  }

  /** The network's name leads to one holder: a name that still answers for another is waited for. */
  async function ensureNameIsFree(spec: ContainerSpec, signal: AbortSignal): Promise<void> {
    const holder = await findNameHolder(spec, signal);
    if (holder === undefined) return;
    nameWaiters.add(holder.id, spec.id);
    throw new EngineError(
      'retryable',
      'name_busy',
      `The container that was called "${spec.name}" before is still ending.`,
    );
  }

  async function reconnect(
    container: DockerContainer,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const network = networkDockerName(installationId, spec.tenantId);
    const stale = container.NetworkSettings.Networks[network];
    if (stale !== undefined) {
      // By id where there is one: a network made anew has the name, not what the container knows.
      const path = `/networks/${stale.NetworkID || network}/disconnect`;
      try {
        const body = { Container: container.Id, Force: true };
        await unlessMissing(api.call({ method: 'POST', path, body, signal }));
      } catch (error) {
        if (!isDockerStatus(error, 500, /is not connected to/)) throw error;
      }
    }
    await api.call({
      method: 'POST',
      path: `/networks/${network}/connect`,
      body: { Container: container.Id, EndpointConfig: renderEndpoint(spec) },
      signal,
    });
  }

  /** @throws EngineError that tells the process's own faults from the engine's. */
  function startFailure(error: unknown): unknown {
    const text = error instanceof Error ? error.message : '';
    const sentence = startErrorSentence(text);
    if (sentence !== null) {
      return new EngineError('permanent', 'start_error', sentence, { cause: error });
    }
    if (/no available IPv4 addresses/i.test(text)) {
      const message = "The org's network has no address left for another container.";
      return new EngineError('retryable', 'unschedulable', message, { cause: error });
    }
    if (/address already in use/i.test(text)) {
      const message = "Another container still has this container's address.";
      return new EngineError('retryable', 'address_in_use', message, { cause: error });
    }
    return error;
  }

  async function start(
    container: DockerContainer,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      try {
        await act(container.Id, 'start', signal);
      } catch (error) {
        // Its network was made anew, or it was taken off it while it did not run.
        if (!(error instanceof Error && /network \S+ not found/i.test(error.message))) throw error;
        await reconnect(container, spec, signal);
        await act(container.Id, 'start', signal);
      }
    } catch (error) {
      throw startFailure(error);
    }
  }

  /** Makes an object of the right spec run on its network. */
  async function bringUp(
    container: DockerContainer,
    spec: ContainerSpec,
    tenant: TenantSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const { state, connected } = observeContainer(container);
    if (state === 'running' && connected) return;
    await networks.ensure(tenant, signal);
    if (state === 'paused') await act(container.Id, 'unpause', signal);
    if (state === 'running' || state === 'paused') {
      if (!connected) await reconnect(container, spec, signal);
      return;
    }
    await ensureNameIsFree(spec, signal);
    const network = networkDockerName(installationId, spec.tenantId);
    if (container.NetworkSettings.Networks[network] === undefined) {
      await reconnect(container, spec, signal);
    }
    await start(container, spec, signal);
  }

  return {
    async apply(spec, tenant, signal) {
      let container = await inspectById(spec.id, signal);
      while (container === undefined) {
        const isMade = await create(spec, signal);
        container = await inspectById(spec.id, signal);
        // A name that another worker has taken leads nowhere until its container is there.
        if (!isMade && container === undefined) await delay(POLL_MS, undefined, { signal });
      }
      if (container.Config.Labels[LABELS.spec] !== containerSpecHash(spec)) {
        const message =
          'The container engine holds this container as it was before its last change.';
        throw new EngineError('conflict', 'differs', message);
      }
      await bringUp(container, spec, tenant, signal);
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

    async logs(ref, { tailLines, maxBytes }, signal) {
      if ((await inspectOurs(ref, signal)) === undefined) return '';
      const stream = await api.stream({
        method: 'GET',
        path: `/containers/${ref}/logs`,
        query: { stdout: '1', stderr: '1', tail: String(tailLines) },
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

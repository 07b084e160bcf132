/** Makes a container run on its network, from whatever stands there now. */
import type Docker from 'dockerode';
import { EngineError } from '../contract.ts';
import type { ContainerListing, ContainerSpec, TenantSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import { LABELS, labelFilters, networkDockerName } from './names.ts';
import type { NameWaiters } from './name-waiters.ts';
import type { Networks } from './networks.ts';
import { listContainer, observeContainer } from './observation.ts';
import type { DockerContainer } from './observation.ts';
import type { DockerEngineOptions } from './options.ts';
import type { VolumeMounting } from './volume-mounting.ts';
import type { VolumeOwnership } from './volume-owner.ts';
import type { StoredVolume } from './volume-store.ts';
import { renderContainer, renderContainerName, renderEndpoint } from './render.ts';
import { startErrorSentence } from './start-error.ts';

/** Its network was made anew, or it was taken off it while it did not run. */
const NETWORK_GONE = /network \S+ not found/i;
/** Someone removed the interface behind Docker's back. */
const BRIDGE_GONE = /could not find bridge/i;

export interface BringUpParts {
  installationId: string;
  api: DockerApi;
  networks: Pick<Networks, 'ensure' | 'rebuild'>;
  nameWaiters: NameWaiters;
  mounting: VolumeMounting;
  ownership: VolumeOwnership;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

export interface BringUp {
  /**
   * Creates and starts.
   * @returns false when another worker is creating it, or has.
   */
  fresh(spec: ContainerSpec, tenant: TenantSpec, signal: AbortSignal): Promise<boolean>;
  /** Starts, unpauses or puts back on its network what is there, as needed. */
  existing(
    container: DockerContainer,
    spec: ContainerSpec,
    tenant: TenantSpec,
    signal: AbortSignal,
  ): Promise<void>;
}

/** @returns an EngineError where the failure is the process's own, or the network's; else what it is given. */
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

export function createBringUp({
  installationId,
  api,
  networks,
  nameWaiters,
  mounting,
  ownership,
  onStep,
}: BringUpParts): BringUp {
  /** @returns Docker's id, or null when the name is taken. */
  async function create(spec: ContainerSpec, signal: AbortSignal): Promise<string | null> {
    try {
      const { Id } = await api.call<{ Id: string }>({
        method: 'POST',
        path: '/containers/create',
        query: { name: renderContainerName(installationId, spec) },
        body: renderContainer(installationId, spec),
        signal,
      });
      return Id;
    } catch (error) {
      if (isDockerStatus(error, 409)) return null;
      if (isDockerStatus(error, 404, /no such image/i)) {
        const message = 'The image is no longer on the container engine.';
        throw new EngineError('not_found', 'image_missing', message, { cause: error });
      }
      throw startFailure(error);
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
    const path = '/containers/json';
    const running = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path,
      query: { filters },
      signal,
    });
    return running.map(listContainer).find((listing) => listing.id !== spec.id);
  }

  /** A name leads to one container: while it still answers for another, that one's end is waited for. */
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
    ref: string,
    staleNetwork: string | undefined,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void> {
    if (staleNetwork !== undefined) {
      try {
        const path = `/networks/${staleNetwork}/disconnect`;
        const body = { Container: ref, Force: true };
        await unlessMissing(api.call({ method: 'POST', path, body, signal }));
      } catch (error) {
        if (!isDockerStatus(error, 500, /is not connected to/)) throw error;
      }
    }
    const path = `/networks/${networkDockerName(installationId, spec.tenantId)}/connect`;
    const body = { Container: ref, EndpointConfig: renderEndpoint(spec) };
    await api.call({ method: 'POST', path, body, signal });
  }

  /** By id where there is one: a network made anew has the name, not what the container knows. */
  function staleNetwork(container: DockerContainer, tenantId: number): string | undefined {
    const name = networkDockerName(installationId, tenantId);
    const endpoint = container.NetworkSettings.Networks[name];
    return endpoint === undefined ? undefined : endpoint.NetworkID || name;
  }

  async function start(
    ref: string,
    spec: ContainerSpec,
    tenant: TenantSpec,
    signal: AbortSignal,
  ): Promise<void> {
    const once = () => api.call({ method: 'POST', path: `/containers/${ref}/start`, signal });
    try {
      try {
        await once();
      } catch (error) {
        const text = error instanceof Error ? error.message : '';
        if (BRIDGE_GONE.test(text)) await networks.rebuild(tenant, signal);
        else if (!NETWORK_GONE.test(text)) throw error;
        const path = `/containers/${ref}/json`;
        const container = await api.call<DockerContainer>({ method: 'GET', path, signal });
        await reconnect(ref, staleNetwork(container, spec.tenantId), spec, signal);
        await once();
      }
    } catch (error) {
      throw startFailure(error);
    }
  }

  /** Removes an object that has never run, so that it holds no volume. */
  async function giveBack(ref: string, signal: AbortSignal): Promise<void> {
    const query = { force: '1', v: '1' };
    await unlessMissing(api.call({ method: 'DELETE', path: `/containers/${ref}`, query, signal }));
  }

  /**
   * The last look before what was made is started, when the object is there and so holds its volumes.
   * @throws EngineError `volume_missing` or `volume_busy`.
   */
  async function readyVolumes(
    ref: string,
    hasNeverRun: boolean,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void> {
    if (spec.volumes.length === 0) return;
    let volumes: StoredVolume[];
    try {
      volumes = await mounting.requireOwn(spec, ref, signal);
    } catch (error) {
      if (hasNeverRun && error instanceof EngineError) await giveBack(ref, signal);
      throw error;
    }
    if (hasNeverRun) await ownership.giveToImageUser(ref, spec, volumes, signal);
  }

  return {
    async fresh(spec, tenant, signal) {
      await mounting.requireOwn(spec, null, signal);
      // Neither needs the other's answer, and a container that is only created has no name yet.
      const [ref] = await Promise.all([
        create(spec, signal),
        networks.ensure(tenant, signal),
        ensureNameIsFree(spec, signal),
      ]);
      if (ref === null) return false;
      await onStep('container-created');
      try {
        await readyVolumes(ref, true, spec, signal);
      } catch (error) {
        // They were there before.
        await mounting.removeMadeByMounting(spec, signal);
        throw error;
      }
      await start(ref, spec, tenant, signal);
      return true;
    },

    async existing(container, spec, tenant, signal) {
      const { ref, state, connected } = observeContainer(container);
      if (state === 'running' && connected) return;
      await networks.ensure(tenant, signal);
      if (state === 'paused') {
        await api.call({ method: 'POST', path: `/containers/${ref}/unpause`, signal });
      }
      const stale = staleNetwork(container, spec.tenantId);
      if (state === 'running' || state === 'paused') {
        if (!connected) await reconnect(ref, stale, spec, signal);
        return;
      }
      await ensureNameIsFree(spec, signal);
      await readyVolumes(ref, state === 'created', spec, signal);
      if (stale === undefined) await reconnect(ref, stale, spec, signal);
      await start(ref, spec, tenant, signal);
    },
  };
}

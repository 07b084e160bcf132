/** Makes a container run on its network, whatever its current state. */
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus } from '../daemon/errors.ts';
import type { ImageVolumes } from './image-volumes.ts';
import type { StartCheck } from './start-check.ts';
import type { NameWaiters } from '../../name-waiters.ts';
import type { Networks } from '../network/networks.ts';
import { containerObserve } from './observation.ts';
import type { DockerContainer } from './observation.ts';
import type { DockerEngineOptions } from '../base/options.ts';
import type { VolumeMounting } from '../volumes/volume-mounting.ts';
import type { VolumeOwnership } from '../volumes/volume-owner.ts';
import type { StoredVolume } from '../volumes/volume-store.ts';
import { containerRemove } from '../daemon/removal.ts';
import { attachmentCreate } from './attachment.ts';
import { requireFreeName } from './container-name.ts';
import { containerRender, containerNameRender } from './render.ts';
import { containerStart, startFailure } from './start.ts';

export interface BringUpParts {
  installationId: string;
  api: DockerApi;
  networks: Pick<Networks, 'ensure' | 'rebuild' | 'isRoomy' | 'endpoints' | 'release'>;
  nameWaiters: NameWaiters;
  startCheck: StartCheck;
  imageVolumes: Pick<ImageVolumes, 'requireMounted'>;
  mounting: VolumeMounting;
  ownership: VolumeOwnership;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

export interface BringUp {
  /**
   * Creates and starts it.
   * @returns false if another worker is creating it or has created it.
   */
  fresh(spec: ContainerSpec, signal: AbortSignal): Promise<boolean>;
  /** Starts, unpauses or reconnects an existing container, as needed. */
  existing(container: DockerContainer, spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function bringUpCreate({
  installationId,
  api,
  networks,
  nameWaiters,
  startCheck,
  imageVolumes,
  mounting,
  ownership,
  onStep,
}: BringUpParts): BringUp {
  const names = { installationId, api, nameWaiters };
  const attachment = attachmentCreate(installationId, api, networks);

  /** @returns Docker's id, or null if the name is taken. */
  async function create(spec: ContainerSpec, signal: AbortSignal): Promise<string | null> {
    try {
      const { Id } = await api.call<{ Id: string }>({
        method: 'POST',
        path: '/containers/create',
        query: { name: containerNameRender(installationId, spec) },
        body: containerRender(installationId, spec),
        opensConnection: true,
        signal,
      });
      return Id;
    } catch (error) {
      if (isDockerStatus(error, 409)) return null;
      if (isDockerStatus(error, 404, /no such image/i)) {
        const message = 'The image is no longer on the container engine.';
        throw new EngineError('not_found', 'image_missing', message, { cause: error });
      }
      throw startFailure(error, spec);
    }
  }

  const start = (ref: string, spec: ContainerSpec, signal: AbortSignal) =>
    containerStart({ api, networks, attachment }, ref, spec, signal);

  /**
   * The last check before the start, when the object exists and so holds its volumes.
   * @throws EngineError `volume_missing`, `volume_busy` or `start_error`.
   */
  async function readyFiles(
    ref: string,
    hasNeverRun: boolean,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void> {
    let volumes: StoredVolume[];
    try {
      volumes = await mounting.requireOwn(spec, ref, signal);
    } catch (error) {
      // So that an object that has never run holds no volume.
      if (hasNeverRun && error instanceof EngineError) await containerRemove(api, ref, signal);
      throw error;
    }
    await startCheck.requireSound(ref, hasNeverRun, spec, signal);
    if (spec.volumes.length > 0 && hasNeverRun)
      await ownership.giveToImageUser(ref, spec, volumes, signal);
  }

  return {
    async fresh(spec, signal) {
      await imageVolumes.requireMounted(spec, signal);
      await mounting.requireOwn(spec, null, signal);
      // Neither call depends on the other, and a container that is only created does not have a name in DNS yet.
      const [ref] = await Promise.all([
        create(spec, signal),
        networks.ensure(spec.tenantId, signal),
        requireFreeName(names, spec, signal),
      ]);
      if (ref === null) return false;
      await onStep('container-created');
      try {
        await readyFiles(ref, true, spec, signal);
      } catch (error) {
        // They existed before.
        await mounting.removeMadeByMounting(spec, signal);
        throw error;
      }
      await start(ref, spec, signal);
      return true;
    },

    async existing(container, spec, signal) {
      const { ref, state, connected } = containerObserve(container);
      if (state === 'running' && connected) return;
      await networks.ensure(spec.tenantId, signal);
      if (state === 'paused') {
        await api.call({ method: 'POST', path: `/containers/${ref}/unpause`, signal });
      }
      const stale = attachment.staleNetwork(container, spec.tenantId);
      if (state === 'running' || state === 'paused') {
        if (!connected) await attachment.reconnect(ref, stale, spec, signal);
        return;
      }
      await requireFreeName(names, spec, signal);
      await readyFiles(ref, state === 'created', spec, signal);
      if (stale === undefined) await attachment.reconnect(ref, stale, spec, signal);
      await start(ref, spec, signal);
    },
  };
}

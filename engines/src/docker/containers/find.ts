/** Finds our containers in Docker. Labels mark a container as ours, since people and other tools change names. */
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus } from '../daemon/errors.ts';
import { containerDockerName, LABELS, labelFilters } from '../base/names.ts';
import { containerInspect } from './inspect.ts';
import { isOurContainer } from './observation.ts';
import type { DockerContainer } from './observation.ts';

export interface ContainerFinder {
  /** The object of an API container. If there are several: the one with our name, or else one that is running. */
  find(id: number, signal: AbortSignal): Promise<DockerContainer | undefined>;
  /**
   * Frees the name of a container that is about to be created: if another of our containers was given that name, it
   * gets its own name back.
   * @throws EngineError `name_taken` if the name belongs to a foreign container.
   */
  freeName(id: number, signal: AbortSignal): Promise<void>;
}

function idOf(container: DockerContainer): number {
  return Number(container.Config.Labels[LABELS.container]);
}

/** Running first, then the oldest: every worker gets the same order. */
function byStanding(a: Docker.ContainerInfo, b: Docker.ContainerInfo): number {
  const isUp = ({ State }: Docker.ContainerInfo) => (State === 'running' ? 0 : 1);
  return isUp(a) - isUp(b) || a.Created - b.Created || (a.Id < b.Id ? -1 : 1);
}

export function containerFinderCreate(installationId: string, api: DockerApi): ContainerFinder {
  const findNamed = (id: number, signal: AbortSignal) =>
    containerInspect(api, containerDockerName(installationId, id), signal);

  async function findLabelled(
    id: number,
    signal: AbortSignal,
  ): Promise<DockerContainer | undefined> {
    const filters = labelFilters(installationId, `${LABELS.container}=${id}`);
    const query = { all: '1', filters };
    const path = '/containers/json';
    const found = await api.call<Docker.ContainerInfo[]>({ method: 'GET', path, query, signal });
    for (const { Id } of found.toSorted(byStanding)) {
      const container = await containerInspect(api, Id, signal);
      if (container !== undefined) return container;
    }
    return undefined;
  }

  return {
    async find(id, signal) {
      const named = await findNamed(id, signal);
      const isIt = named !== undefined && isOurContainer(named, installationId);
      return isIt && idOf(named) === id ? named : findLabelled(id, signal);
    },

    async freeName(id, signal) {
      const holder = await findNamed(id, signal);
      if (holder === undefined) return;
      const isOurs = isOurContainer(holder, installationId);
      if (isOurs && idOf(holder) === id) return;
      try {
        if (!isOurs) throw new Error(`${holder.Name} is not of this installation`);
        const query = { name: containerDockerName(installationId, idOf(holder)) };
        const path = `/containers/${holder.Id}/rename`;
        await api.call({ method: 'POST', path, query, signal });
      } catch (error) {
        if (isOurs && !isDockerStatus(error, 409)) throw error;
        const message = 'A container that is not ours has the name of this one.';
        throw new EngineError('conflict', 'name_taken', message, { cause: error });
      }
    },
  };
}

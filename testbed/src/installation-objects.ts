import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';

/** Between looks at a removal that is under way. */
const POLL_MS = 50;
/** How long requests that a killed process has sent may keep Docker busy on a network, on a slow, busy machine too. */
const NETWORK_BUSY_MS = 60_000;

const ACTIVE_ENDPOINTS = /has active endpoints/;

/** What {@link installationObjectsRemove} has done. */
export interface RemovedObjects {
  /** How many objects there were. */
  count: number;
  /**
   * Ids of networks without containers that Docker nevertheless counts as in use, until it is restarted: a fault of
   * Docker 20.10 (moby/moby#23302).
   */
  stuckNetworks: string[];
}

/**
 * Removes an installation's containers, networks and volumes from an engine.
 * @param networkBusyMs how long Docker may count endpoints on a network without containers before it is stuck.
 * @throws the engine's error if an object can't be removed, after the others have been.
 */
export async function installationObjectsRemove(
  docker: Docker,
  installationId: string,
  networkBusyMs = NETWORK_BUSY_MS,
): Promise<RemovedObjects> {
  const filters = { label: [`dollarbox.installation=${installationId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(containers.map(({ Id }) => containerRemove(docker.getContainer(Id))));
  const networks = await docker.listNetworks({ filters });
  const stuckNetworks: string[] = [];
  for (const { Id } of networks) {
    const isRemoved = await networkRemove(docker, docker.getNetwork(Id), networkBusyMs);
    if (!isRemoved) stuckNetworks.push(Id);
  }
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  for (const { Name } of volumes) await docker.getVolume(Name).remove();
  return { count: containers.length + networks.length + volumes.length, stuckNetworks };
}

/**
 * Removes a network, and detaches what is on it.
 * @returns false if Docker counts an endpoint on it although it has none.
 */
export async function networkRemove(
  docker: Docker,
  network: Docker.Network,
  busyMs = NETWORK_BUSY_MS,
): Promise<boolean> {
  const end = performance.now() + busyMs;
  for (;;) {
    const { Containers: endpoints = {} } = (await network.inspect()) as Docker.NetworkInspectInfo;
    // Docker now and then keeps the endpoint of a container that is gone.
    for (const { Name } of Object.values(endpoints)) {
      await network.disconnect({ Container: Name, Force: true });
    }
    try {
      await network.remove();
      return true;
    } catch (error) {
      if (!(error instanceof Error && ACTIVE_ENDPOINTS.test(error.message))) throw error;
      if (performance.now() > end) {
        if (Object.keys(endpoints).length === 0 && !(await isAttached(docker, network.id)))
          return false;
        throw new Error(`with endpoints ${JSON.stringify(endpoints)}`, { cause: error });
      }
    }
    await delay(POLL_MS);
  }
}

/** Whether any container, running or not, is set to be on a network. */
async function isAttached(docker: Docker, networkId: string): Promise<boolean> {
  const found = await docker.listContainers({ all: true, filters: { network: [networkId] } });
  return found.length > 0;
}

/** It is gone afterwards, also where somebody else is removing it: then Docker answers 409 until it is. */
async function containerRemove(container: Docker.Container): Promise<void> {
  for (;;) {
    try {
      await container.remove({ force: true, v: true });
      return;
    } catch (error) {
      const { statusCode } = error as { statusCode?: number };
      if (statusCode === 404) return;
      if (statusCode !== 409) throw error;
    }
    await delay(POLL_MS);
  }
}

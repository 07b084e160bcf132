import type Docker from 'dockerode';

/**
 * Removes an installation's containers, networks and volumes from an engine.
 * @returns how many there were.
 */
export async function installationObjectsRemove(
  docker: Docker,
  installationId: string,
): Promise<number> {
  const filters = { label: [`dollarbox.installation=${installationId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  for (const { Id } of containers) {
    await docker.getContainer(Id).remove({ force: true, v: true }).catch(unlessGone);
  }
  const networks = await docker.listNetworks({ filters });
  for (const { Id } of networks) await networkRemove(docker.getNetwork(Id));
  const { Volumes: volumes } = await docker.listVolumes({ filters });
  for (const { Name } of volumes) await docker.getVolume(Name).remove();
  return containers.length + networks.length + volumes.length;
}

/** A network without containers. */
async function networkRemove(network: Docker.Network): Promise<void> {
  const { Containers: endpoints = {} } = (await network.inspect()) as Docker.NetworkInspectInfo;
  // Docker now and then keeps the endpoint of a container that is gone (moby/moby#23302).
  for (const { Name } of Object.values(endpoints)) {
    await network.disconnect({ Container: Name, Force: true });
  }
  try {
    await network.remove();
  } catch (error) {
    throw new Error(`with endpoints ${JSON.stringify(endpoints)}`, { cause: error });
  }
}

/** A probe of the engine that was under way removes its own. */
function unlessGone(error: { statusCode?: number }): void {
  if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
}

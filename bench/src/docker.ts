import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import type { BenchServer } from './server.ts';
import { inParallel, until } from './wait.ts';

/** On every object that a raw baseline makes. */
const LABEL = 'dollarbox-bench';
const REMOVED_AT_A_TIME = 8;
/** Where a volume is mounted. */
export const BENCH_MOUNT_PATH = '/data';

let serial = 0;

/** The engine of this machine, as the product finds it. */
export const docker = new Docker();

const ofInstallation = (server: BenchServer) => ({
  label: [`dollarbox.installation=${server.installationId}`],
});

/** What the engine holds for a container of the API. */
export async function engineContainer(
  server: BenchServer,
  id: number,
): Promise<Docker.ContainerInspectInfo> {
  const filters = ofInstallation(server);
  filters.label.push(`dollarbox.container=${id}`);
  const [found] = await docker.listContainers({ all: true, filters });
  if (found === undefined) throw new Error(`the engine holds no container ${id}`);
  return docker.getContainer(found.Id).inspect();
}

/** Waits until the engine has nothing left of what was deleted. */
export async function engineEmpty(server: BenchServer): Promise<void> {
  await until('an engine without containers', async () => {
    const left = await docker.listContainers({ all: true, filters: ofInstallation(server) });
    return left.length === 0;
  });
}

/** Removes all that a stopped server has left on the engine and in the host's firewall. */
export async function installationRemove(server: BenchServer): Promise<void> {
  const filters = ofInstallation(server);
  const left = await docker.listContainers({ all: true, filters });
  await containersRemove(left.map(({ Id }) => docker.getContainer(Id)));
  const { Volumes } = await docker.listVolumes({ filters });
  for (const { Name } of Volumes ?? []) await docker.getVolume(Name).remove();
  for (const { Id } of await docker.listNetworks({ filters })) {
    await networkRemove(Id);
  }
  const table = `dollarbox_${server.installationId}`;
  await promisify(execFile)('nft', ['delete', 'table', 'inet', table]).catch(() => undefined);
}

/**
 * Docker knows of a removed container's end on a network for a moment longer. Docker 20.10 has been seen to count some
 * ends for ever, until its next start: such a network is left behind, and said so.
 */
async function networkRemove(id: string): Promise<void> {
  const isRemoved = async () => {
    try {
      await docker.getNetwork(id).remove();
      return true;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 403) return false;
      throw error;
    }
  };
  await until('a network removed', isRemoved, { timeoutMs: 10_000 }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`  the network ${id} is left on the engine (${why})\n`);
  });
}

/** Makes containers without us. */
export interface RawContainers {
  /** Creates and starts one more. @param volume Docker's name of one to mount. */
  run(volume?: string): Promise<void>;
  removeAll(): Promise<void>;
}

/**
 * Raw create and start, of the very image, on the very network and with the very limits that the product gave
 * to one of its containers.
 */
export function rawContainers(model: Docker.ContainerInspectInfo): RawContainers {
  const [networkName = '', endpoint] = Object.entries(model.NetworkSettings.Networks)[0] ?? [];
  // The first half of an address is its network's; the product counts up from the other half's beginning.
  const network = addressGroups(endpoint?.GlobalIPv6Address ?? '').slice(0, 4);
  const { Env, ExposedPorts, Healthcheck } = model.Config;
  const host = model.HostConfig;
  let made: Docker.Container[] = [];
  return {
    async run(volume) {
      serial += 1;
      const name = `bench-${process.pid}-${serial}`;
      const address = [...network, 'f000', '0', '0', serial.toString(16)].join(':');
      const container = await docker.createContainer({
        name,
        Image: model.Image,
        Hostname: name,
        Env,
        ...(ExposedPorts !== undefined && { ExposedPorts }),
        ...(Healthcheck !== undefined && { Healthcheck }),
        Labels: { [LABEL]: String(process.pid) },
        HostConfig: {
          NetworkMode: networkName,
          ...(volume !== undefined && { Binds: [`${volume}:${BENCH_MOUNT_PATH}`] }),
          Memory: host.Memory,
          MemorySwap: host.MemorySwap,
          PidsLimit: host.PidsLimit,
          CpuShares: host.CpuShares,
          CapDrop: host.CapDrop,
          CapAdd: host.CapAdd,
          SecurityOpt: host.SecurityOpt,
          IpcMode: host.IpcMode,
          LogConfig: host.LogConfig,
          RestartPolicy: host.RestartPolicy,
        },
        NetworkingConfig: {
          EndpointsConfig: {
            [networkName]: { IPAMConfig: { IPv6Address: address }, Aliases: [name] },
          },
        },
      });
      made.push(container);
      await container.start();
    },
    async removeAll() {
      await containersRemove(made);
      made = [];
    },
  };
}

function containersRemove(containers: readonly Docker.Container[]): Promise<unknown> {
  return inParallel(containers, REMOVED_AT_A_TIME, (each) => each.remove({ force: true, v: true }));
}

/** The eight groups of an IPv6 address. */
function addressGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const start = head === '' ? [] : head.split(':');
  const end = tail === undefined || tail === '' ? [] : tail.split(':');
  return [...start, ...Array<string>(8 - start.length - end.length).fill('0'), ...end];
}

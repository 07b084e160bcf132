import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { hostTables } from '@dollarbox/engines/docker/names';
import { installationObjectsRemove } from '@dollarbox/testbed/installation-objects';
import Docker from 'dockerode';
import type { BenchServer } from './server.ts';
import { inParallel, until } from './wait.ts';

/** A label of every object that a raw baseline creates. */
const LABEL = 'dollarbox-bench';
const REMOVED_AT_A_TIME = 8;
/** Where a volume is mounted. */
export const BENCH_MOUNT_PATH = '/data';

let serial = 0;

/** This machine's engine, found as the product finds it. */
export const docker = new Docker();

const ofInstallation = (server: BenchServer) => ({
  label: [`dollarbox.installation=${server.installationId}`],
});

/** The engine's object of a container of the API. */
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

/**
 * Waits until nothing of the deleted containers is left in the engine, which takes minutes on a busy machine.
 * @param org of this org only; of all if undefined.
 */
export async function engineEmpty(server: BenchServer, org?: { id: number }): Promise<void> {
  const filters = ofInstallation(server);
  if (org !== undefined) filters.label.push(`dollarbox.tenant=${org.id}`);
  await until(
    'an engine without containers',
    async () => {
      const left = await docker.listContainers({ all: true, filters });
      return left.length === 0;
    },
    { timeoutMs: 600_000 },
  );
}

/** Removes everything that a stopped server left in the engine and in the host's firewall. */
export async function installationRemove(server: BenchServer): Promise<void> {
  const { stuckNetworks } = await installationObjectsRemove(docker, server.installationId);
  for (const id of stuckNetworks) {
    process.stderr.write(`  the network ${id} is left on the engine until Docker is restarted\n`);
  }
  for (const table of hostTables(server.installationId)) {
    await promisify(execFile)('nft', ['delete', 'table', 'inet', table]).catch(() => undefined);
  }
}

/** What a raw container has otherwise than its model. */
interface RawDifference {
  image?: string;
  command?: string[];
  /** Docker starts its process again and again. */
  isRestarted?: boolean;
}

/** Creates containers without the product. */
export interface RawContainers {
  /** Creates and starts one more container. @param volume Docker's name of a volume to mount. */
  run(volume?: string): Promise<void>;
  /** How often Docker has started a process of them again. */
  restarts(): Promise<number>;
  removeAll(): Promise<void>;
}

/**
 * Raw create and start, with the same image, network and limits that the product gave
 * to one of its containers.
 */
export function rawContainers(
  model: Docker.ContainerInspectInfo,
  { image = model.Image, command, isRestarted = false }: RawDifference = {},
): RawContainers {
  const [networkName = '', endpoint] = Object.entries(model.NetworkSettings.Networks)[0] ?? [];
  // The first half of an address is its network's; the product counts up from the start of the other half.
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
        Image: image,
        ...(command !== undefined && { Entrypoint: command, Cmd: [] }),
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
          RestartPolicy: isRestarted ? { Name: 'always' } : host.RestartPolicy,
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
    async restarts() {
      const found = await inParallel(made, REMOVED_AT_A_TIME, (each) => each.inspect());
      return found.reduce((sum, { RestartCount }) => sum + RestartCount, 0);
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

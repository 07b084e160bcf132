/** Manages one bridge network for each tenant. */
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { SubnetStore, TenantSubnets } from '../../subnets.ts';
import { subnetsTry } from '../../subnets.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus, unlessMissing } from '../daemon/errors.ts';
import type { Firewall } from './firewall.ts';
import type { Bridge, MachineBridges } from './firewall-rules.ts';
import { hostMtuRead } from './host-mtu.ts';
import { hostRoutesRead } from './host-network.ts';
import { isSameSubnet, subnetsOverlap } from './ip.ts';
import { LABELS, labelFilters, networkDockerName } from '../base/names.ts';
import { protectsNetworks } from '../daemon/daemon.ts';
import type { DockerContext } from '../base/options.ts';
import { ALL_IPV6 } from './reach.ts';
import {
  BRIDGE_NAME_OPTION,
  networkRender,
  tenantNetworkShape,
  UNPROTECTED_IPV6,
} from './network-render.ts';
import type { NetworkShape } from './network-render.ts';

export interface Networks {
  /** @throws EngineError `subnet_in_use` if none of the subnets that were tried is free. */
  ensure(tenantId: number, signal: AbortSignal): Promise<void>;
  /**
   * Recreates a tenant's network even if it looks correct. Its containers are no longer attached to it afterwards.
   */
  rebuild(tenantId: number, signal: AbortSignal): Promise<void>;
  /** The endpoints that are currently attached to a tenant's network. */
  endpoints(tenantId: number, signal: AbortSignal): Promise<AttachedEndpoint[]>;
  /** Detaches an endpoint from a tenant's network by its container's name. */
  release(tenantId: number, name: string, signal: AbortSignal): Promise<void>;
  /**
   * Whether fewer than half of its IPv4 addresses are in use. If Docker still reports that none is left, it has lost
   * them.
   */
  isRoomy(tenantId: number, signal: AbortSignal): Promise<boolean>;
  remove(tenantId: number, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<{ ref: string; id: number }[]>;
}

export interface AttachedEndpoint {
  /** Docker's id of the container. If the container is gone or being started: the endpoint's own id. */
  container: string;
  name: string;
  /** With the subnet's prefix length, as Docker writes it; empty if it has none. */
  ipv6Address: string;
}

type Network = Docker.NetworkInspectInfo;

/** Reserved in a subnet: its own address, the gateway's and the broadcast address. */
const RESERVED_ADDRESSES = 3;

/** How much of a network's id Docker names its bridge by. */
const BRIDGE_ID_LENGTH = 12;

/** Interval between checks of a network that another worker is creating. */
const CREATION_POLL_MS = 50;
/** Docker's error if another network, or the host, uses (part of) that subnet. */
const OVERLAP = /overlaps with other one|networks have overlapping/i;
const DUPLICATE = /already exists|networks have same bridge name/i;

function subnetInUse({ ipv4Subnet, ipv6Subnet }: TenantSubnets, cause: unknown): EngineError {
  return new EngineError(
    'conflict',
    'subnet_in_use',
    `Another network uses ${ipv4Subnet} or ${ipv6Subnet}.`,
    { cause },
  );
}

/** Whether a network equals what this shape would create. */
function hasShape(network: Network, shape: NetworkShape): boolean {
  const subnets = (network.IPAM?.Config ?? []).map((config) => config.Subnet ?? '');
  return (
    network.Driver === 'bridge' &&
    network.EnableIPv6 &&
    !network.Internal &&
    network.Options?.[BRIDGE_NAME_OPTION] === shape.bridge &&
    [shape.ipv4Subnet, shape.ipv6Subnet].every((subnet) =>
      subnets.some((existing) => isSameSubnet(existing, subnet)),
    )
  );
}

/** Whether the host itself has an address or a route in these subnets: Docker checks only its own networks. */
async function isUsedByHost(shape: NetworkShape): Promise<boolean> {
  const routes = await hostRoutesRead();
  return routes.some(
    (route) =>
      route.interface !== shape.bridge &&
      [shape.ipv4Subnet, shape.ipv6Subnet].some((subnet) => subnetsOverlap(route.cidr, subnet)),
  );
}

/** Whether Docker lists another network in these subnets. A network that is being created is not listed yet. */
async function isUsedByNetwork(
  api: DockerApi,
  shape: NetworkShape,
  signal: AbortSignal,
): Promise<boolean> {
  const networks = await api.call<Network[]>({ method: 'GET', path: '/networks', signal });
  const subnets = networks
    .filter((network) => network.Name !== shape.name)
    .flatMap((network) => network.IPAM?.Config ?? [])
    .flatMap((config) => config.Subnet ?? []);
  return subnets.some(
    (subnet) =>
      subnetsOverlap(subnet, shape.ipv4Subnet) || subnetsOverlap(subnet, shape.ipv6Subnet),
  );
}

/**
 * Creates a network. It is also a success if another worker created it in the meantime, even if it isn't listed yet.
 * @throws EngineError `conflict` `subnet_in_use`
 */
export async function networkCreate(
  api: DockerApi,
  shape: NetworkShape,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (isLocal && (await isUsedByHost(shape))) throw subnetInUse(shape, undefined);
  try {
    const body = networkRender(shape, isLocal ? await hostMtuRead() : null);
    await api.call({ method: 'POST', path: '/networks/create', body, signal });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // If a network is created twice at once, Docker may report that it overlaps with itself.
    if (DUPLICATE.test(error.message)) return;
    if (!OVERLAP.test(error.message)) throw error;
    if (await isUsedByNetwork(api, shape, signal)) throw subnetInUse(shape, error);
  }
}

function endpointsOf(network: Network | undefined): AttachedEndpoint[] {
  return Object.entries(network?.Containers ?? {}).map(([container, { Name, IPv6Address }]) => ({
    container,
    name: Name,
    ipv6Address: IPv6Address,
  }));
}

/** Oldest first: every worker gets the same order. */
function byAge(a: Network, b: Network): number {
  return Date.parse(a.Created) - Date.parse(b.Created) || (a.Id < b.Id ? -1 : 1);
}

export function networksCreate(
  context: DockerContext,
  subnets: SubnetStore,
  api: DockerApi,
  firewall: Firewall,
  isLocal: boolean,
): Networks {
  const { installationId } = context;

  const inspect = (ref: string, signal: AbortSignal) =>
    unlessMissing(api.call<Network>({ method: 'GET', path: `/networks/${ref}`, signal }));

  function listOurs(signal: AbortSignal, ...labels: string[]): Promise<Network[]> {
    const filters = labelFilters(installationId, ...labels);
    return api.call<Network[]>({ method: 'GET', path: '/networks', query: { filters }, signal });
  }

  const disconnect = (network: Network, Container: string, signal: AbortSignal) =>
    unlessMissing(
      api.call({
        method: 'POST',
        path: `/networks/${network.Id}/disconnect`,
        body: { Container, Force: true },
        signal,
      }),
    );

  /**
   * The containers on a network. Docker sometimes keeps the endpoint of a container that is gone (moby/moby#23302).
   * It can only be detached by the container's name, which this does.
   */
  async function listAttached(
    network: Network,
    signal: AbortSignal,
  ): Promise<Docker.ContainerInspectInfo[]> {
    const attached: Docker.ContainerInspectInfo[] = [];
    const endpoints = (await inspect(network.Id, signal))?.Containers ?? {};
    const find = (ref: string) =>
      unlessMissing(
        api.call<Docker.ContainerInspectInfo>({
          method: 'GET',
          path: `/containers/${ref}/json`,
          signal,
        }),
      );
    for (const [containerId, { Name }] of Object.entries(endpoints)) {
      // While a container is being started, Docker reports the id of its endpoint in place of its own.
      const container = (await find(containerId)) ?? (await find(Name));
      if (container !== undefined) attached.push(container);
      else await disconnect(network, Name, signal);
    }
    return attached;
  }

  const removeEmpty = (network: Network, signal: AbortSignal) =>
    unlessMissing(api.call({ method: 'DELETE', path: `/networks/${network.Id}`, signal }));

  /** Detaches our own containers from a network and removes it. @throws EngineError if others are on it. */
  async function dismantle(network: Network, signal: AbortSignal): Promise<void> {
    for (const container of await listAttached(network, signal)) {
      if (container.Config.Labels[LABELS.installation] !== installationId) {
        throw new EngineError(
          'conflict',
          'network_in_use',
          "A container of someone else's is attached to the org's network.",
          { cause: new Error(`${container.Name} on ${network.Name}`) },
        );
      }
      await disconnect(network, container.Id, signal);
    }
    await removeEmpty(network, signal);
  }

  /** Whether the tenant's one network exists and is correct. Any other network that claims to be it is dismantled. */
  async function settle(shape: NetworkShape, signal: AbortSignal): Promise<boolean> {
    const tenantLabel = `${LABELS.tenant}=${shape.labels[LABELS.tenant]}`;
    const found = (await listOurs(signal, tenantLabel)).toSorted(byAge);
    const kept = found.find((network) => hasShape(network, shape));
    for (const network of found) if (network !== kept) await dismantle(network, signal);
    return kept !== undefined;
  }

  /**
   * Docker's own filter must be configured this way. Our own filter, which runs first, closes what has to be closed.
   */
  async function isUnprotected(signal: AbortSignal): Promise<boolean> {
    return context.closedIpv6() !== ALL_IPV6 && (await protectsNetworks(api, signal));
  }

  async function make(shape: NetworkShape, signal: AbortSignal): Promise<void> {
    // Settled again after creating it, so that of two created at once one stays.
    while (!(await settle(shape, signal))) {
      const options = (await isUnprotected(signal)) ? UNPROTECTED_IPV6 : {};
      await networkCreate(api, { ...shape, options }, isLocal, signal);
      if (await settle(shape, signal)) break;
      await delay(CREATION_POLL_MS, undefined, { signal });
    }
    await firewall.assert();
  }

  async function ensureShape(shape: NetworkShape, signal: AbortSignal): Promise<void> {
    // If several networks have the name, Docker does not report which. `make` then handles this, like every other odd
    // case.
    const named = await inspect(shape.name, signal).catch(() => undefined);
    const isOurs = named?.Labels?.[LABELS.installation] === installationId;
    if (named !== undefined && isOurs && hasShape(named, shape)) {
      await firewall.assertRecent();
      return;
    }
    if (named !== undefined && !isOurs && named.Name === shape.name) {
      throw new EngineError('conflict', 'name_taken', `A foreign network is called ${shape.name}.`);
    }
    await make(shape, signal);
  }

  const withShape = (tenantId: number, use: (shape: NetworkShape) => Promise<void>) =>
    subnetsTry(subnets, tenantId, (given) =>
      use(tenantNetworkShape(installationId, tenantId, given)),
    );

  return {
    ensure: (tenantId, signal) => withShape(tenantId, (shape) => ensureShape(shape, signal)),

    async rebuild(tenantId, signal) {
      const found = await listOurs(signal, `${LABELS.tenant}=${tenantId}`);
      for (const network of found) await dismantle(network, signal);
      await withShape(tenantId, (shape) => make(shape, signal));
    },

    async endpoints(tenantId, signal) {
      const found = await inspect(networkDockerName(installationId, tenantId), signal);
      return endpointsOf(found);
    },

    async release(tenantId, name, signal) {
      const found = await inspect(networkDockerName(installationId, tenantId), signal);
      if (found !== undefined) await disconnect(found, name, signal);
    },

    async isRoomy(tenantId, signal) {
      const found = await inspect(networkDockerName(installationId, tenantId), signal);
      const ipv4Subnet = (found?.IPAM?.Config ?? [])
        .flatMap((config) => config.Subnet ?? [])
        .find((subnet) => !subnet.includes(':'));
      const size = 2 ** (32 - Number(ipv4Subnet?.split('/')[1]));
      return endpointsOf(found).length * 2 < size - RESERVED_ADDRESSES;
    },

    async remove(tenantId, signal) {
      const found = await listOurs(signal, `${LABELS.tenant}=${tenantId}`);
      for (const network of found) {
        try {
          // Endpoints of containers that are gone would keep it from being removed.
          await listAttached(network, signal);
          await removeEmpty(network, signal);
        } catch (error) {
          if (!isDockerStatus(error, 403, /active endpoints/)) throw error;
          const message = "The org's network is still in use.";
          throw new EngineError('retryable', 'network_in_use', message, { cause: error });
        }
      }
    },

    async list(signal) {
      const found = await listOurs(signal, LABELS.tenant);
      return found.map((network) => ({
        ref: network.Id,
        id: Number(network.Labels?.[LABELS.tenant]),
      }));
    },
  };
}

/** The bridges of Docker's networks on this machine. The probe's networks are ours. */
export async function bridgesList(
  installationId: string,
  api: DockerApi,
  signal: AbortSignal,
): Promise<MachineBridges> {
  const networks = await api.call<Network[]>({ method: 'GET', path: '/networks', signal });
  const ours: Bridge[] = [];
  const foreign: string[] = [];
  for (const network of networks.filter(({ Driver }) => Driver === 'bridge')) {
    const name = network.Options?.[BRIDGE_NAME_OPTION];
    if (network.Labels?.[LABELS.installation] !== installationId) {
      foreign.push(name ?? `br-${network.Id.slice(0, BRIDGE_ID_LENGTH)}`);
    } else if (name !== undefined) {
      const subnets = (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []);
      ours.push({ name, subnets });
    }
  }
  return { ours, foreign };
}

/** A bridge network for each tenant. */
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { EngineError } from '../contract.ts';
import type { TenantSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import type { Firewall } from './firewall.ts';
import { readHostRoutes } from './host-network.ts';
import { isSameSubnet, subnetsOverlap } from './ip.ts';
import { LABELS, labelFilters } from './names.ts';
import { protectsNetworks } from './daemon.ts';
import type { DockerContext } from './options.ts';
import { ALL_IPV6 } from './reach.ts';
import {
  BRIDGE_NAME_OPTION,
  renderNetwork,
  tenantNetworkShape,
  UNPROTECTED_IPV6,
} from './render.ts';
import type { NetworkShape } from './render.ts';

export interface Networks {
  ensure(tenant: TenantSpec, signal: AbortSignal): Promise<void>;
  /** Makes a tenant's network anew though it looks well: its containers are off it then. */
  rebuild(tenant: TenantSpec, signal: AbortSignal): Promise<void>;
  remove(tenantId: number, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<{ ref: string; id: number }[]>;
}

type Network = Docker.NetworkInspectInfo;

/** Between looks at a network that someone else is making. */
const CREATION_POLL_MS = 50;
/** Docker: another network has (part of) that subnet, or the host does. */
const OVERLAP = /overlaps with other one|networks have overlapping/i;
const DUPLICATE = /already exists|networks have same bridge name/i;

function subnetInUse(
  tenant: Pick<TenantSpec, 'ipv4Subnet' | 'ipv6Subnet'>,
  cause: unknown,
): EngineError {
  return new EngineError(
    'conflict',
    'subnet_in_use',
    `Another network uses ${tenant.ipv4Subnet} or ${tenant.ipv6Subnet}.`,
    { cause },
  );
}

/** Whether a network is what this shape would make. */
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

/** Whether the host itself has an address or a route in these subnets: Docker looks at its own networks only. */
async function isUsedByHost(shape: NetworkShape): Promise<boolean> {
  const routes = await readHostRoutes();
  return routes.some(
    (route) =>
      route.interface !== shape.bridge &&
      [shape.ipv4Subnet, shape.ipv6Subnet].some((subnet) => subnetsOverlap(route.cidr, subnet)),
  );
}

/** Whether Docker lists another network in these subnets: not yet, while it is being made. */
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
 * Makes a network. That another worker made it meanwhile is success too, even if it isn't listed yet.
 * @throws EngineError `conflict` `subnet_in_use`
 */
export async function createNetwork(
  api: DockerApi,
  shape: NetworkShape,
  isLocal: boolean,
  signal: AbortSignal,
): Promise<void> {
  if (isLocal && (await isUsedByHost(shape))) throw subnetInUse(shape, undefined);
  try {
    const body = renderNetwork(shape);
    await api.call({ method: 'POST', path: '/networks/create', body, signal });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // To Docker, a network that is made twice at once may also overlap with itself.
    if (DUPLICATE.test(error.message)) return;
    if (!OVERLAP.test(error.message)) throw error;
    if (await isUsedByNetwork(api, shape, signal)) throw subnetInUse(shape, error);
  }
}

/** Oldest first, and one order for all who look. */
function byAge(a: Network, b: Network): number {
  return Date.parse(a.Created) - Date.parse(b.Created) || (a.Id < b.Id ? -1 : 1);
}

export function createNetworks(
  context: DockerContext,
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
   * The containers on a network. Docker now and then keeps the endpoint of one that is gone (moby/moby#23302), by whose
   * name alone it can be taken off: it is.
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
      // While it is being started, Docker tells an endpoint of its own in place of its id.
      const container = (await find(containerId)) ?? (await find(Name));
      if (container !== undefined) attached.push(container);
      else await disconnect(network, Name, signal);
    }
    return attached;
  }

  const removeEmpty = (network: Network, signal: AbortSignal) =>
    unlessMissing(api.call({ method: 'DELETE', path: `/networks/${network.Id}`, signal }));

  /** Takes our own containers off a network and removes it. @throws EngineError when others are on it. */
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

  /** The tenant's one network, if it is as it should be; what else claims to be it is dismantled. */
  async function settle(shape: NetworkShape, signal: AbortSignal): Promise<boolean> {
    const tenantLabel = `${LABELS.tenant}=${shape.labels[LABELS.tenant]}`;
    const found = (await listOurs(signal, tenantLabel)).toSorted(byAge);
    const kept = found.find((network) => hasShape(network, shape));
    for (const network of found) if (network !== kept) await dismantle(network, signal);
    return kept !== undefined;
  }

  /** Docker's own filter has to be told so; ours, which comes before it, closes what is to be closed. */
  async function isUnprotected(signal: AbortSignal): Promise<boolean> {
    return context.closedIpv6() !== ALL_IPV6 && (await protectsNetworks(api, signal));
  }

  async function make(shape: NetworkShape, signal: AbortSignal): Promise<void> {
    // Settled again after making it, so that of two made at once one stays.
    while (!(await settle(shape, signal))) {
      const options = (await isUnprotected(signal)) ? UNPROTECTED_IPV6 : {};
      await createNetwork(api, { ...shape, options }, isLocal, signal);
      if (await settle(shape, signal)) break;
      await delay(CREATION_POLL_MS, undefined, { signal });
    }
    await firewall.assert();
  }

  return {
    async ensure(tenant, signal) {
      const shape = tenantNetworkShape(installationId, tenant);
      // Docker refuses to say which when several have the name: then, as for all that is odd, settle it.
      const named = await inspect(shape.name, signal).catch(() => undefined);
      const isOurs = named?.Labels?.[LABELS.installation] === installationId;
      if (named !== undefined && isOurs && hasShape(named, shape)) {
        await firewall.assertRecent();
        return;
      }
      if (named !== undefined && !isOurs && named.Name === shape.name) {
        throw new EngineError(
          'conflict',
          'name_taken',
          `A foreign network is called ${shape.name}.`,
        );
      }
      await make(shape, signal);
    },

    async rebuild(tenant, signal) {
      const found = await listOurs(signal, `${LABELS.tenant}=${tenant.id}`);
      for (const network of found) await dismantle(network, signal);
      await make(tenantNetworkShape(installationId, tenant), signal);
    },

    async remove(tenantId, signal) {
      const found = await listOurs(signal, `${LABELS.tenant}=${tenantId}`);
      for (const network of found) {
        try {
          // Endpoints of containers that are gone would hold it.
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

/** Bridge interfaces of all networks of this installation, the probe's too. */
export async function listBridges(
  installationId: string,
  api: DockerApi,
  signal: AbortSignal,
): Promise<string[]> {
  const filters = labelFilters(installationId);
  const found = await api.call<Network[]>({
    method: 'GET',
    path: '/networks',
    query: { filters },
    signal,
  });
  return found.flatMap((network) => network.Options?.[BRIDGE_NAME_OPTION] ?? []);
}

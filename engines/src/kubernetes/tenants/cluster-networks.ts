/** The networks of the cluster itself, which no tenant's pod may reach. */
import type { KubeApi } from '../api/client.ts';
import type { ObjectCache } from '../api/object-cache.ts';
import type { EndpointSlice, Node, ServiceCidr } from '../api/objects.ts';
import { targetsOf } from '../base/targets.ts';

/** Long enough for a sweep and the verbs that follow it. */
const KEPT_MS = 20_000;

export interface ClusterNetworks {
  /** CIDRs of pods, Services, nodes and API servers, ascending. Those that are private anyway are among them. */
  read(signal: AbortSignal): Promise<string[]>;
}

function single(address: string): string {
  return `${address}/${address.includes(':') ? 128 : 32}`;
}

export function clusterNetworksCreate(
  installationId: string,
  api: KubeApi,
  cache: ObjectCache,
  now: () => Date,
): ClusterNetworks {
  const targets = targetsOf(installationId);
  let known: { networks: Promise<string[]>; until: number } | undefined;

  async function find(signal: AbortSignal): Promise<string[]> {
    const path = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes';
    const [nodes, services, servers] = await Promise.all([
      cache.list<Node>(targets.nodes, signal),
      cache.list<ServiceCidr>(targets.serviceCidrs, signal),
      api.call<EndpointSlice>({ method: 'GET', path, signal }),
    ]);
    const addresses = [
      ...nodes.flatMap(({ status }) =>
        (status.addresses ?? [])
          .filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP')
          .map(({ address }) => address),
      ),
      ...servers.endpoints.flatMap((endpoint) => endpoint.addresses),
    ];
    const networks = [
      ...nodes.flatMap(({ spec }) => spec?.podCIDRs ?? []),
      ...services.flatMap(({ spec }) => spec.cidrs),
      ...addresses.map(single),
    ];
    return [...new Set(networks)].toSorted();
  }

  return {
    async read(signal) {
      const at = now().getTime();
      if (known === undefined || at >= known.until) {
        const networks = find(signal);
        known = { networks, until: at + KEPT_MS };
        networks.catch(() => (known = undefined));
      }
      return known.networks;
    },
  };
}

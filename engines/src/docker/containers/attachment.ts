/** Connects a container to its tenant's network. */
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus, unlessMissing } from '../daemon/errors.ts';
import { networkDockerName } from '../base/names.ts';
import { canonicalIpv6 } from '../network/ip.ts';
import type { AttachedEndpoint, Networks } from '../network/networks.ts';
import { givenAddress } from './address.ts';
import { containerInspect } from './inspect.ts';
import type { DockerContainer } from './observation.ts';
import { endpointRender } from './render.ts';

export interface Attachment {
  /**
   * Connects it to its network, after disconnecting it from a former one.
   * @param staleNetwork as returned by {@link Attachment.staleNetwork}.
   */
  reconnect(
    ref: string,
    staleNetwork: string | undefined,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void>;
  /** By id if there is one: a recreated network has the name, but not the id that the container knows. */
  staleNetwork(container: DockerContainer, tenantId: number): string | undefined;
  /**
   * At each start with an IPv6 address that another container has, Docker 20.10 loses an IPv4 address of the network.
   * So this is checked beforehand.
   * @throws EngineError `address_in_use`.
   */
  requireAddressFree(ref: string, spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function attachmentCreate(
  installationId: string,
  api: DockerApi,
  networks: Pick<Networks, 'endpoints' | 'release'>,
): Attachment {
  function hasAddress(endpoint: AttachedEndpoint, ref: string, spec: ContainerSpec): boolean {
    const [address = ''] = endpoint.ipv6Address.split('/');
    if (endpoint.container === ref || address === '') return false;
    return canonicalIpv6(address) === canonicalIpv6(givenAddress(spec));
  }

  return {
    async reconnect(ref, staleNetwork, spec, signal) {
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
      const body = { Container: ref, EndpointConfig: endpointRender(spec) };
      await api.call({ method: 'POST', path, body, signal });
    },

    staleNetwork(container, tenantId) {
      const name = networkDockerName(installationId, tenantId);
      const endpoint = container.NetworkSettings.Networks[name];
      return endpoint === undefined ? undefined : endpoint.NetworkID || name;
    },

    async requireAddressFree(ref, spec, signal) {
      const endpoints = await networks.endpoints(spec.tenantId, signal);
      const holder = endpoints.find((endpoint) => hasAddress(endpoint, ref, spec));
      if (holder === undefined) return;
      const isThere =
        (await containerInspect(api, holder.container, signal)) ??
        (await containerInspect(api, holder.name, signal));
      // Docker sometimes keeps the endpoint of a container that is gone (moby/moby#23302).
      if (isThere === undefined) return networks.release(spec.tenantId, holder.name, signal);
      // While another worker starts this container, Docker lists its endpoint without the container's id.
      if (isThere.Id === ref) return;
      const message = "Another container still has this container's address.";
      throw new EngineError('retryable', 'address_in_use', message, {
        cause: new Error(`${holder.name} has ${spec.ipv6Address}`),
      });
    },
  };
}

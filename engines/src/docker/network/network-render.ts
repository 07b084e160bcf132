/** The requests to Docker about a network, from its shape alone: no calls, no state. */
import type Docker from 'dockerode';
import type { TenantSubnets } from '../../subnets.ts';
import { bridgeName, LABELS, networkDockerName } from '../base/names.ts';
import { canonicalIpv6 } from './ip.ts';

/** The gateway of a /64: its first address. */
function ipv6Gateway(ipv6Subnet: string): string {
  return `${canonicalIpv6(ipv6Subnet.split('/')[0] ?? '')}1`;
}

/** The properties of one of our networks, a tenant's or the probe's. */
export interface NetworkShape extends TenantSubnets {
  name: string;
  bridge: string;
  labels: Record<string, string>;
  /** Options for Docker's driver, in addition to those of every network. */
  options?: Record<string, string>;
}

/** A tenant's network. */
export function tenantNetworkShape(
  installationId: string,
  tenantId: number,
  { ipv4Subnet, ipv6Subnet }: TenantSubnets,
): NetworkShape {
  return {
    name: networkDockerName(installationId, tenantId),
    bridge: bridgeName(installationId, tenantId),
    ipv4Subnet,
    ipv6Subnet,
    labels: { [LABELS.installation]: installationId, [LABELS.tenant]: String(tenantId) },
  };
}

export const BRIDGE_NAME_OPTION = 'com.docker.network.bridge.name';

/** Since version 28, Docker blocks access from other machines to a network's IPv6 addresses unless this is set. */
export const UNPROTECTED_IPV6 = {
  'com.docker.network.bridge.gateway_mode_ipv6': 'nat-unprotected',
};

/**
 * The body of `POST /networks/create`.
 * @param mtu of the host's uplink: larger packets would be lost where path MTU discovery does not work. null: unknown.
 */
export function networkRender(
  shape: NetworkShape,
  mtu: number | null = null,
): Docker.NetworkCreateOptions {
  return {
    Name: shape.name,
    CheckDuplicate: true,
    Driver: 'bridge',
    EnableIPv6: true,
    IPAM: {
      Driver: 'default',
      Config: [
        { Subnet: shape.ipv4Subnet },
        { Subnet: shape.ipv6Subnet, Gateway: ipv6Gateway(shape.ipv6Subnet) },
      ],
    },
    Options: {
      [BRIDGE_NAME_OPTION]: shape.bridge,
      'com.docker.network.bridge.enable_icc': 'true',
      ...(mtu !== null && { 'com.docker.network.driver.mtu': String(mtu) }),
      ...shape.options,
    },
    Labels: shape.labels,
  };
}

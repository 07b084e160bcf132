/** What Docker is asked for, from a spec alone: no calls, no state. */
import type Docker from 'dockerode';
import { containerSpecHash, DOLLARBOX_LIMITS } from '../contract.ts';
import type { ContainerSpec, TenantSpec } from '../contract.ts';
import { canonicalIpv6 } from './ip.ts';
import {
  bridgeName,
  containerDockerName,
  LABELS,
  networkDockerName,
  volumeDockerName,
} from './names.ts';

/**
 * What an ordinary server image needs that starts as root, chowns its folders, binds port 80 and
 * drops to a user of its own.
 */
const CAPABILITIES = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'SETUID',
  'SETGID',
  'NET_BIND_SERVICE',
  'KILL',
];

/** How a container stands on its tenant's network. */
export function renderEndpoint(
  spec: Pick<ContainerSpec, 'name' | 'ipv6Address'>,
): Docker.EndpointSettings {
  return { IPAMConfig: { IPv6Address: spec.ipv6Address }, Aliases: [spec.name] };
}

/**
 * A container's link address, locally administered (IEEE 802-2014 §8.2), from its id: a recreated
 * container keeps it. Neighbours would send to the old one for up to half a minute otherwise.
 */
export function macAddress(id: number): string {
  const hex = id.toString(16).padStart(10, '0').slice(-10);
  return `06:${hex.match(/../g)?.join(':') ?? ''}`;
}

/** The body of `POST /containers/create`. */
export function renderContainer(
  installationId: string,
  spec: ContainerSpec,
): Docker.ContainerCreateOptions {
  const network = networkDockerName(installationId, spec.tenantId);
  const memoryBytes = DOLLARBOX_LIMITS.memoryMib * 1024 * 1024;
  return {
    Image: spec.imageId,
    Hostname: spec.name,
    MacAddress: macAddress(spec.id),
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    // An entrypoint of ours makes Docker forget the image's command as well.
    ...(spec.command.length > 0 && { Entrypoint: [...spec.command], Cmd: [] }),
    ExposedPorts: Object.fromEntries(spec.ports.map((port) => [`${port}/tcp`, {}])),
    // An image's own check would run processes that nobody asked for, on the tenant's account.
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      [LABELS.installation]: installationId,
      [LABELS.container]: String(spec.id),
      [LABELS.tenant]: String(spec.tenantId),
      [LABELS.spec]: containerSpecHash(spec),
      [LABELS.name]: spec.name,
      [LABELS.address]: spec.ipv6Address,
      ...(spec.volumes.length > 0 && {
        [LABELS.volumes]: spec.volumes.map(({ volume }) => volume.id).join(','),
      }),
    },
    HostConfig: {
      NetworkMode: network,
      Memory: memoryBytes,
      // Memory and swap together: equal means no swap.
      MemorySwap: memoryBytes,
      PidsLimit: DOLLARBOX_LIMITS.pids,
      CpuShares: DOLLARBOX_LIMITS.cpuShares,
      Mounts: spec.volumes.map(({ volume, mountPath }) => ({
        Type: 'volume',
        Source: volumeDockerName(installationId, volume),
        Target: mountPath,
      })),
      CapDrop: ['ALL'],
      CapAdd: CAPABILITIES,
      SecurityOpt: ['no-new-privileges'],
      IpcMode: 'private',
      Init: false,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
      // When to restart is the reconciler's to say.
      RestartPolicy: { Name: 'no' },
    },
    NetworkingConfig: { EndpointsConfig: { [network]: renderEndpoint(spec) } },
  };
}

/** The name that a container is created under. */
export function renderContainerName(installationId: string, spec: ContainerSpec): string {
  return containerDockerName(installationId, spec.id);
}

/** A /64's gateway: its first address. */
function ipv6Gateway(ipv6Subnet: string): string {
  return `${canonicalIpv6(ipv6Subnet.split('/')[0] ?? '')}1`;
}

/** What makes a network of ours what it is, a tenant's or the probe's. */
export interface NetworkShape {
  name: string;
  bridge: string;
  ipv4Subnet: string;
  ipv6Subnet: string;
  labels: Record<string, string>;
  /** Options for Docker's driver, beside those that every network has. */
  options?: Record<string, string>;
}

/** A tenant's network. */
export function tenantNetworkShape(installationId: string, tenant: TenantSpec): NetworkShape {
  return {
    name: networkDockerName(installationId, tenant.id),
    bridge: bridgeName(installationId, tenant.id),
    ipv4Subnet: tenant.ipv4Subnet,
    ipv6Subnet: tenant.ipv6Subnet,
    labels: { [LABELS.installation]: installationId, [LABELS.tenant]: String(tenant.id) },
  };
}

export const BRIDGE_NAME_OPTION = 'com.docker.network.bridge.name';

/** From version 28 on, Docker keeps other machines from a network's IPv6 addresses unless this is set. */
export const UNPROTECTED_IPV6 = {
  'com.docker.network.bridge.gateway_mode_ipv6': 'nat-unprotected',
};

/** The body of `POST /networks/create`. */
export function renderNetwork(shape: NetworkShape): Docker.NetworkCreateOptions {
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
      ...shape.options,
    },
    Labels: shape.labels,
  };
}

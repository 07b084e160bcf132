/** The requests to Docker about a container, from its spec alone: no calls, no state. */
import type Docker from 'dockerode';
import { containerSpecHash, DOLLARBOX_LIMITS } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import { CAPABILITIES } from '../../capabilities.ts';
import { containerDockerName, LABELS, networkDockerName, volumeDockerName } from '../base/names.ts';
import { givenAddress } from './address.ts';
import { SECCOMP_OPTION } from './seccomp.ts';

/** A container's endpoint on its tenant's network. */
export function endpointRender(
  spec: Pick<ContainerSpec, 'name' | 'ipv6Address'>,
): Docker.EndpointSettings {
  return { IPAMConfig: { IPv6Address: givenAddress(spec) }, Aliases: [spec.name] };
}

/**
 * A container's link address, locally administered (IEEE 802-2014 §8.2), derived from its id, so that a recreated
 * container keeps it. Otherwise neighbours would send to the old address for up to half a minute.
 */
export function macAddress(id: number): string {
  const hex = id.toString(16).padStart(10, '0').slice(-10);
  return `06:${hex.match(/../g)?.join(':') ?? ''}`;
}

/** The body of `POST /containers/create`. */
export function containerRender(
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
    // If the entrypoint is replaced, Docker ignores the image's command too.
    ...(spec.command.length > 0 && { Entrypoint: [...spec.command], Cmd: [] }),
    ExposedPorts: Object.fromEntries(spec.ports.map((port) => [`${port}/tcp`, {}])),
    // The image's own health check would run processes that nobody asked for, at the tenant's expense.
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      [LABELS.installation]: installationId,
      [LABELS.container]: String(spec.id),
      [LABELS.tenant]: String(spec.tenantId),
      [LABELS.spec]: containerSpecHash(spec),
      [LABELS.name]: spec.name,
      [LABELS.address]: givenAddress(spec),
      ...(spec.volumes.length > 0 && {
        [LABELS.volumes]: spec.volumes.map(({ volume }) => volume.id).join(','),
      }),
    },
    HostConfig: {
      NetworkMode: network,
      Memory: memoryBytes,
      // Memory and swap together: equal values mean no swap.
      MemorySwap: memoryBytes,
      PidsLimit: DOLLARBOX_LIMITS.pids,
      CpuShares: DOLLARBOX_LIMITS.cpuShares,
      Mounts: spec.volumes.map(({ volume, mountPath }) => ({
        Type: 'volume',
        Source: volumeDockerName(installationId, volume),
        Target: mountPath,
      })),
      CapDrop: ['ALL'],
      CapAdd: [...CAPABILITIES],
      SecurityOpt: ['no-new-privileges', SECCOMP_OPTION],
      IpcMode: 'private',
      // It counts as memory. Docker's 64 MB are too few for databases and browsers; this is Linux's own default.
      ShmSize: memoryBytes / 2,
      Init: spec.init,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '2' } },
      // The reconciler decides when to restart.
      RestartPolicy: { Name: 'no' },
    },
    NetworkingConfig: { EndpointsConfig: { [network]: endpointRender(spec) } },
  };
}

/** The name that a container is created under. */
export function containerNameRender(installationId: string, spec: ContainerSpec): string {
  return containerDockerName(installationId, spec.id);
}

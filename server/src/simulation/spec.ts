import type { ContainerSpec } from '@dollarbox/engines/contract';
import type { Version } from '../containers/state.ts';
import type { ContainerDesired } from '../containers/rules.ts';

export function specOf(version: Version, imageId: string): ContainerSpec {
  return { ...version, imageId };
}

/** What a client wrote of a version. */
export function versionDesired(version: Version): ContainerDesired {
  const { name, image, env, command, ports, volumes } = version;
  return {
    ...{ name, image, env, command: [...command], ports: [...ports] },
    volumes: volumes.map(({ volume, mountPath }) => ({ volume: volume.id, mount_path: mountPath })),
  };
}

import type { ContainerSpec } from '@dollarbox/engines/contract';
import type { ContainerState, Version } from '../../../server/src/containers/state.ts';
import type { ContainerDesired } from '../../../server/src/containers/rules.ts';

export function specOf(version: Version, imageId: string): ContainerSpec {
  return { ...version, imageId };
}

/** What a client specifies that is not part of a version. */
type BesideVersion = Pick<ContainerDesired, 'pull_policy' | 'stop_grace_seconds'>;

/** What a client specified in a version, and beside it. */
export function versionDesired(version: Version, beside: BesideVersion): ContainerDesired {
  const { name, image, env, command, ports, volumes, init } = version;
  return {
    ...{ name, image, env, command: [...command], ports: [...ports] },
    volumes: volumes.map(({ volume, mountPath }) => ({ volume: volume.id, mount_path: mountPath })),
    ...{ ...beside, init },
  };
}

/** What a client specified in the desired version of a row. */
export function stateDesired({
  desired,
  pullPolicy,
  stopGraceSeconds,
}: Pick<ContainerState, 'desired' | 'pullPolicy' | 'stopGraceSeconds'>): ContainerDesired {
  return versionDesired(desired, {
    pull_policy: pullPolicy,
    stop_grace_seconds: stopGraceSeconds,
  });
}

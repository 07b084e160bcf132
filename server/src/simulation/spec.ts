import type { ContainerSpec } from '@dollarbox/engines/contract';
import type { Version } from '../containers/plan.ts';
import type { ContainerDesired } from '../containers/rules.ts';

export function specOf(version: Version, imageId: string): ContainerSpec {
  return { ...version, imageId };
}

/** What a client wrote of a version. */
export function versionDesired({ name, image, env, command, ports }: Version): ContainerDesired {
  return { name, image, env, command: [...command], ports: [...ports] };
}

import { parseImageReference } from '@dollarbox/engines/image-reference';
import { registryRefusal } from '@dollarbox/engines/registry-guard';
import type { FieldFaults } from '../errors.ts';
import { faultAdd } from '../http/validate.ts';
import type { ContainerCreate, ContainerUpdate } from './schema.ts';

/** All that a client writes about a container, defaults filled in. */
export interface ContainerDesired {
  name: string;
  image: string;
  env: Record<string, string>;
  command: string[];
  ports: number[];
}

const MAX_ENV_BYTES = 65_536;
const MAX_COMMAND_BYTES = 65_536;

/**
 * What a schema can't say of a body: whether the image can be one, sizes in bytes, volumes.
 * @returns every fault at once; none when the body is good.
 */
export function containerFaults(
  body: ContainerCreate | ContainerUpdate,
  allowedRegistries: readonly string[],
): FieldFaults {
  const faults: FieldFaults = {};
  if (body.image !== undefined) imageFaults(body.image, allowedRegistries, faults);
  if (body.env !== undefined && envBytes(body.env) > MAX_ENV_BYTES) {
    faultAdd(faults, 'env', 'Must have at most 64 KiB of names and values together.');
  }
  if (body.command !== undefined) {
    const bytes = body.command.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
    if (bytes > MAX_COMMAND_BYTES) faultAdd(faults, 'command', 'Must have at most 64 KiB.');
    if (body.command[0] === '') faultAdd(faults, 'command.0', 'Must name a program.');
  }
  for (const index of (body.volumes ?? []).keys()) {
    faultAdd(faults, `volumes.${index}.volume`, 'There is no such volume in this org.');
  }
  return faults;
}

function imageFaults(image: string, allowed: readonly string[], faults: FieldFaults): void {
  if (parseImageReference(image) === null) {
    faultAdd(faults, 'image', 'Must be an image reference such as "nginx:1.27" or "registry.example.com/team/app@sha256:…".');
    return;
  }
  const refusal = registryRefusal(image, allowed);
  if (refusal !== null) faultAdd(faults, 'image', refusal);
}

function envBytes(env: Record<string, string>): number {
  return Object.entries(env).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
}

export function containerDesired(body: ContainerCreate): ContainerDesired {
  return {
    name: body.name,
    image: body.image,
    env: body.env ?? {},
    command: body.command ?? [],
    ports: body.ports ?? [],
  };
}

/** A merge: an absent field is untouched, a present one is replaced whole. */
export function containerMerge(now: ContainerDesired, body: ContainerUpdate): ContainerDesired {
  return {
    name: now.name,
    image: body.image ?? now.image,
    env: body.env ?? now.env,
    command: body.command ?? now.command,
    ports: body.ports ?? now.ports,
  };
}

/** Whether two specs ask for the same. The order of env names is no difference, that of lists is. */
export function containerDesiredEqual(a: ContainerDesired, b: ContainerDesired): boolean {
  const form = (desired: ContainerDesired): string =>
    JSON.stringify([
      desired.image,
      Object.entries(desired.env).toSorted(([x], [y]) => (x < y ? -1 : 1)),
      desired.command,
      desired.ports,
    ]);
  return form(a) === form(b);
}

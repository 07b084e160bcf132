import { parseImageReference } from '@dollarbox/engines/image-reference';
import { registryRefusal } from '@dollarbox/engines/registry-guard';
import type { FieldFaults } from '../errors.ts';
import { faultAdd } from '../http/validate.ts';
import type { Mount } from '../db/types.ts';
import { mountFaults } from '../volumes/mount-rules.ts';
import { type ContainerCreate, type ContainerUpdate, MAX_VOLUMES } from './schema.ts';

/** All that a client writes about a container, defaults filled in. */
export interface ContainerDesired {
  name: string;
  image: string;
  env: Record<string, string>;
  command: string[];
  ports: number[];
  volumes: Mount[];
}

/** Of a container whose row was damaged. */
export const ENV_LOST =
  "The env of this container can't be read any more, so it is neither started nor changed: send all of its env again, with a PATCH.";

const MAX_ENV_BYTES = 65_536;
const MAX_COMMAND_BYTES = 65_536;

/**
 * What the schema can't say of a body: whether the image can be one, sizes in bytes, where volumes can be. The
 * body may be anything: what has the wrong type is the schema's to tell.
 */
export function containerFaults(
  body: Record<string, unknown>,
  allowedRegistries: readonly string[],
): FieldFaults {
  const faults: FieldFaults = {};
  const { image, env, command, volumes } = body;
  if (typeof image === 'string' && image !== '') imageFaults(image, allowedRegistries, faults);
  if (
    typeof env === 'object' &&
    env !== null &&
    textBytes(Object.entries(env).flat()) > MAX_ENV_BYTES
  ) {
    faultAdd(faults, 'env', 'Must have at most 64 KiB of names and values together.');
  }
  if (Array.isArray(command)) {
    if (textBytes(command) > MAX_COMMAND_BYTES) {
      faultAdd(faults, 'command', 'Must have at most 64 KiB.');
    }
    if (command[0] === '') faultAdd(faults, 'command.0', 'Must name a program.');
  }
  if (Array.isArray(volumes)) mountFaults(volumes.slice(0, MAX_VOLUMES), faults);
  return faults;
}

function imageFaults(image: string, allowed: readonly string[], faults: FieldFaults): void {
  if (parseImageReference(image) === null) {
    const examples = '"nginx:1.27" or "registry.example.com/team/app@sha256:…"';
    faultAdd(faults, 'image', `Must be an image reference such as ${examples}.`);
    return;
  }
  const refusal = registryRefusal(image, allowed);
  if (refusal !== null) faultAdd(faults, 'image', refusal);
}

function textBytes(items: readonly unknown[]): number {
  return items.reduce<number>(
    (sum, item) => sum + (typeof item === 'string' ? Buffer.byteLength(item) : 0),
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
    volumes: body.volumes ?? [],
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
    volumes: body.volumes ?? now.volumes,
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
      desired.volumes.map((mount) => [mount.volume, mount.mount_path]),
    ]);
  return form(a) === form(b);
}
